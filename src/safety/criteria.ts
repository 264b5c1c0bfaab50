import { AE_BACKPORT } from '../fhir/ae-backport.ts';
import type { r4 } from '../fhir/resource.ts';
import { cleanCode } from '../terminology/code.ts';

const GUIDE = `${AE_BACKPORT}StructureDefinition/`;
const THESAURUS = 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl';

/** NCI Thesaurus codes of the two criteria that something else than the source's word decides on. */
export const DEATH = 'C48275';
export const HOSPITALIZATION = 'C83052';

/** The sub-codes of R4's adverse-event-seriousness, in lower case, as the criteria they stand for. */
const SUB_CODES: ReadonlyMap<string, string> = new Map([
  ['seriousresultsindeath', DEATH],
  ['seriousislifethreatening', 'C84266'],
  ['seriousresultsinhospitalization', HOSPITALIZATION],
  ['seriousresultsindisability', 'C11338'],
  ['seriousisbirthdefect', 'C83117'],
  ['seriousrequirespreventimpairment', 'C201939'],
]);

/** All criteria of the guide; one that a study leaves out of its list is understood, and does not count. */
const CRITERIA = new Set([...SUB_CODES.values(), 'C82521']);

/** What the source says of an event's seriousness. */
export interface SaidOfSeriousness {
  /** Criteria said to be present, as NCI Thesaurus codes. */
  present: Set<string>;
  /** Criteria said not to be. */
  absent: Set<string>;
  /** A criterion is said to be present that is not understood. */
  unknown: boolean;
  serious: boolean;
  nonSerious: boolean;
  fatal: boolean;
}

/**
 * Reads seriousness in all its forms: the guide's extension `seriousness-criteria`, R4's codes and sub-codes (R4 wrote
 * `Serious`, HL7 Terminology writes `serious`), and the outcome. A criterion that does not say whether it is present is.
 */
export function readSeriousness(event: r4.AdverseEvent, known: ReadonlySet<string>): SaidOfSeriousness {
  const said: SaidOfSeriousness = {
    present: new Set(),
    absent: new Set(),
    unknown: false,
    serious: false,
    nonSerious: false,
    fatal: codesOf(event.outcome).some((code) => code.toLowerCase() === 'fatal' || code.toUpperCase() === DEATH),
  };
  for (const { url, extension } of event.extension ?? []) {
    if (url !== `${GUIDE}seriousness-criteria`) continue;
    const concept = extension?.find((one) => one.url === 'criterionCode')?.valueCodeableConcept;
    const isPresent = extension?.find((one) => one.url === 'criterionPresent')?.valueBoolean !== false;
    const criteria = (concept?.coding ?? []).flatMap((coding) => criterionOf(coding) ?? []);
    for (const code of criteria) if (known.has(code)) (isPresent ? said.present : said.absent).add(code);
    if (isPresent && !criteria.some((code) => known.has(code) || CRITERIA.has(code))) said.unknown = true;
  }
  for (const code of codesOf(event.seriousness).map((one) => one.toLowerCase())) {
    const criterion = SUB_CODES.get(code);
    if (criterion && known.has(criterion)) said.present.add(criterion);
    if (criterion || code === 'serious') said.serious = true;
    if (code === 'non-serious') said.nonSerious = true;
  }
  return said;
}

/** Whether the record says of itself that it was an error: R4's AdverseEvent has no status (guide: modifier `status`). */
export function isRetracted({ modifierExtension = [], meta }: r4.AdverseEvent): boolean {
  const status = modifierExtension.find(({ url }) => url === `${GUIDE}status`)?.valueCode;
  return status === 'entered-in-error' || (meta?.tag ?? []).some(({ code }) => code === 'entered-in-error');
}

function criterionOf({ system, code }: r4.Coding): string | null {
  const clean = cleanCode(code ?? '');
  const sub = SUB_CODES.get(clean.toLowerCase());
  if (sub) return sub;
  return system === THESAURUS || system === undefined ? clean.toUpperCase() : null;
}

function codesOf(concept: r4.CodeableConcept | undefined): string[] {
  return (concept?.coding ?? []).map(({ code }) => cleanCode(code ?? ''));
}
