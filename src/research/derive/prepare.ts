import { AE_BACKPORT } from '../../fhir/ae-backport.ts';
import { readQuantity } from '../../fhir/quantity.ts';
import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { spanOf } from '../../fhir/time.ts';

/** What the gateway knows and the source does not say. */
export interface Facts {
  /** Completed years on the day of the first valid consent (Patient). */
  age?: number | undefined;
  /** Reasons why a specimen deviates from the protocol: codes of the extension deviation. */
  deviations?: readonly string[] | undefined;
  /** Why a specimen may not be used: codes of the extension specimen-hold. */
  holds?: readonly string[] | undefined;
  /** How an adverse event was judged; it stands in place of what the source says. */
  event?: JudgedEvent | undefined;
}

/** What the gateway says of an adverse event. */
export interface JudgedEvent {
  serious: boolean;
  /** The criteria of seriousness that hold: codes of the NCI Thesaurus. */
  criteria: readonly string[];
  /** The source says otherwise. */
  conflict: boolean;
  /** On the study's list of expected events. */
  expected: boolean;
  /** `Procedure/id` that is suspected; null for none. */
  suspect: string | null;
}

/** Whose record it is, in which zone, in which study. */
export interface Place {
  /** Patient id at the hospital. */
  patient: string;
  timezone: string;
  /** Id of the study, e.g. `nct07265544`. */
  study: string;
}

const BASE = 'https://study-gateway.example/';
const GUIDE = `${AE_BACKPORT}StructureDefinition`;
const EXPECTED = `${GUIDE}/expected-in-research-study`;
const CRITERIA = `${GUIDE}/seriousness-criteria`;
const THESAURUS = 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl';
const SERIOUSNESS = 'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness';
const UCUM = 'http://unitsofmeasure.org';
/** Elements of the mapped types that are Quantities. */
const QUANTITIES = new Set(['valueQuantity', 'low', 'high', 'quantity', 'capacity', 'specimenQuantity']);
const WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;
const WITHOUT_SECONDS = /T\d{2}:\d{2}(?=Z|[+-]|$)/;

/**
 * The source as the maps see it: about the person whose record it stands in, times with a zone, numbers with a unit of
 * UCUM, and the facts as extensions, which a map may let pass like anything else. Extensions of ours that a hospital
 * sends are none. `meta` is left out: its versions and times are the hospital's.
 */
export function prepared(source: FhirResource, facts: Facts, place: Place): FhirResource {
  const { meta: _, extension, ...rest } = source;
  const own = extensionsOf(source.resourceType, facts, place);
  const event = source.resourceType === 'AdverseEvent' ? facts.event : undefined;
  const replaced = new Set(event ? [EXPECTED, CRITERIA] : []);
  const sent = (Array.isArray(extension) ? (extension as (r4.Extension | null)[]) : []).filter(
    (one) => !one?.url?.startsWith(BASE) && !replaced.has(one?.url ?? ''),
  );
  const extensions = [...sent, ...own];
  const read = normalised(rest, '', place.timezone) as FhirResource;
  return {
    ...read,
    ...(extensions.length > 0 ? { extension: normalised(extensions, '', place.timezone) } : {}),
    ...(event ? { seriousness: seriousnessOf(event), ...suspectsOf(rest, event) } : {}),
    ...person(source.resourceType, place.patient),
  };
}

function seriousnessOf({ serious }: JudgedEvent): r4.CodeableConcept {
  return { coding: [{ system: SERIOUSNESS, code: serious ? 'serious' : 'non-serious' }] };
}

/** The suspect is added where the source does not name it; what the source says of others stays. */
function suspectsOf(source: object, { suspect }: JudgedEvent): Pick<r4.AdverseEvent, 'suspectEntity'> {
  const said = (source as r4.AdverseEvent).suspectEntity ?? [];
  if (suspect === null || said.some(({ instance }) => instance?.reference === suspect)) return {};
  return { suspectEntity: [...said, { instance: { reference: suspect } }] };
}

function person(type: string, patient: string): Record<string, unknown> {
  if (type === 'Patient') return { id: patient };
  return { [type === 'Consent' ? 'patient' : 'subject']: { reference: `Patient/${patient}` } };
}

function extensionsOf(type: string, facts: Facts, place: Place): r4.Extension[] {
  const codes = (name: string, values: readonly string[] | undefined) =>
    (values ?? []).map((valueCode) => ({ url: `${BASE}StructureDefinition/${name}`, valueCode }));
  switch (type) {
    case 'Patient':
      return facts.age === undefined ? [] : [{ url: `${BASE}StructureDefinition/age-years`, valueInteger: facts.age }];
    case 'Specimen':
      return [...codes('deviation', facts.deviations), ...codes('specimen-hold', facts.holds)];
    case 'AdverseEvent':
      return [
        { url: `${BASE}fact/study`, valueString: place.study },
        ...(facts.event ? judged(facts.event) : []),
        ...codes('flag', facts.event?.conflict ? ['seriousness-conflict'] : []),
      ];
    default:
      return [];
  }
}

function judged({ criteria, expected }: JudgedEvent): r4.Extension[] {
  const criterion = (code: string): r4.Extension => ({
    url: CRITERIA,
    extension: [
      { url: 'criterionCode', valueCodeableConcept: { coding: [{ system: THESAURUS, code }] } },
      { url: 'criterionPresent', valueBoolean: true },
    ],
  });
  return [...criteria.map(criterion), { url: EXPECTED, valueBoolean: expected }];
}

function normalised(value: unknown, name: string, zone: string): unknown {
  if (typeof value === 'string') return zoned(value, zone);
  if (Array.isArray(value)) return value.map((item) => normalised(item, name, zone));
  if (typeof value !== 'object' || value === null) return value;
  if (QUANTITIES.has(name)) return inUcum(value as r4.Quantity);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normalised(item, key, zone)]));
}

/** A clock time without a zone is one of the hospital's; seconds are filled with zero (R4, "dateTime"). */
function zoned(text: string, zone: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text)) return text;
  const span = spanOf(text, zone);
  if (!span) return text;
  const whole = text.replace(WITHOUT_SECONDS, (time) => `${time}:00`);
  if (!WITHOUT_ZONE.test(text)) return whole;
  const minutes =
    (Math.floor(Date.parse(`${whole}Z`) / 60_000) * 60_000 - Math.floor(span.start / 60_000) * 60_000) / 60_000;
  const two = (n: number) => String(n).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${whole}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** The unit in the one form it is read in everywhere; one that cannot be read stays as it is, and does not pass. */
function inUcum(quantity: r4.Quantity): r4.Quantity {
  const read = readQuantity(quantity)?.unit;
  if (!read) return quantity;
  const { unit: _, ...rest } = quantity;
  return { ...rest, system: UCUM, code: read };
}
