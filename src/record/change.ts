import { isUnder } from '../fhir/reference.ts';
import type { Fault } from '../fhir/refusal.ts';
import type { FhirResource, ResourceKey, r4 } from '../fhir/resource.ts';
import type { Site } from '../study/site.ts';
import { type Need, type NeedRules, needOf } from './need.ts';
import { OnceRead } from './once.ts';
import { PATIENT_ELEMENT, patientReferences } from './patient-element.ts';
import { versionNumber } from './rank.ts';
import { containedAlias, type Followed, follow, type ReferenceContext } from './references.ts';

/** One version of one resource, ready to be weighed against what is known of it. */
export interface Change {
  key: ResourceKey;
  /** Patient id, or `?alias` of one that must be found first; null when a deletion does not say. */
  person: string | null;
  rank: { at: string | null; number: number | null; hash: string };
  versionId: string | null;
  deleted: boolean;
  /** Makes what is kept: most of a feed never is. */
  body: () => FhirResource;
  need: Need;
  /** Keyed hashes of the identifiers it carries, for conditional writes; made for what is kept only. */
  identifiers: () => string[];
  /** Of a Patient: every alias it answers to, and the merges it declares. */
  aliases: string[];
  links: { from: string; to: string }[];
}

function identifiersIn(resource: FhirResource, context: ReferenceContext): string[] {
  const given = resource.identifier;
  const all = (Array.isArray(given) ? given : [given]) as (r4.Identifier | undefined)[];
  return all.flatMap((one) => (one?.value ? [context.identifierAlias(one.system ?? '', one.value)] : []));
}

/** Wins every tie, so that a deletion of the same instant is not undone. */
const DELETED_HASH = 'f'.repeat(64);
/** Of what is not kept under any circumstances nothing is ordered. */
const UNRANKED = { at: null, number: null, hash: '' };
const NOTHING_UNMAPPED = { unmapped: [], alsoCoded: false };

/**
 * Turns a checked resource into a change: finds whom it is about, rewrites its references, drops what is not needed.
 * @param once the same reading for each study
 * @returns a fault when it cannot be about a patient of this hospital
 */
export function changeOf(
  resource: FhirResource,
  site: Site,
  context: ReferenceContext,
  rules: NeedRules,
  once = new OnceRead(resource, site),
): Change | Fault {
  const need = needOf(resource, site, rules);
  const key = { site: site.id, type: resource.resourceType, id: resource.id! };
  const change: Change = {
    key,
    person: null,
    rank: UNRANKED,
    versionId: resource.meta?.versionId ?? null,
    deleted: false,
    body: () => once.body(context),
    need,
    identifiers: () => identifiersIn(resource, context),
    aliases: [],
    links: [],
  };
  if (!(key.type in PATIENT_ELEMENT)) return change;
  const modifier = once.modifier();
  if (modifier !== null) {
    return {
      reason: 'modifier-unknown',
      expression: `${resource.resourceType}${modifier}`,
      message:
        'A modifier extension or implicit rules may turn the meaning round, and R4 forbids to ignore them: send the resource without.',
    };
  }
  change.rank = once.rank();
  if (key.type === 'Patient') {
    const patient = resource as unknown as r4.Patient;
    change.person = key.id;
    change.aliases = aliasesOf(patient, context);
    change.links = linksOf(patient, key.id, context);
  } else {
    const person = personOf(resource, context);
    if (typeof person !== 'string') return person;
    change.person = person;
  }
  return change;
}

/** A deletion as a change. `at` is an instant in sortable form. */
export function deletionOf(key: ResourceKey, at: string | null, versionId: string | null): Change {
  const rank = { at, number: versionNumber(versionId), hash: DELETED_HASH };
  const held = key.type in PATIENT_ELEMENT;
  const need: Need = { needed: held, reason: held ? null : 'type-not-needed', ...NOTHING_UNMAPPED };
  return {
    key,
    person: null,
    rank,
    versionId,
    deleted: true,
    body: nothing,
    need,
    identifiers: () => [],
    aliases: [],
    links: [],
  };
}

/**
 * The hospital something belongs to: the one named by the operator, else the one under whose FHIR base its source
 * (of the resource, of its Bundle, of its fullUrl) lies. One that contradicts the named hospital is a fault.
 */
export function siteOf(
  sources: readonly (string | null | undefined)[],
  named: Site | null,
  sites: ReadonlyMap<string, Site>,
): Site | Fault {
  for (const [at, source] of sources.entries()) {
    const found = source ? [...sites.values()].find((site) => isUnder(source, site.fhirBase)) : undefined;
    if (!found) continue;
    if (named && named !== found) {
      return {
        reason: 'site-conflict',
        expression: SOURCES[at] ?? null,
        message: `The source lies under the FHIR base of ${found.id}, but the feed was given as one of ${named.id}: screen each hospital's feed under its own --site, or without --site.`,
      };
    }
    return found;
  }
  if (named) return named;
  return {
    reason: 'site-unknown',
    expression: 'Resource.meta.source',
    message:
      'Neither --site nor meta.source says from which hospital this comes: give --site, or let meta.source lie under a fhirBase of sites/.',
  };
}

/** Where the sources of `siteOf` stand. */
const SOURCES = ['Resource.meta.source', 'Bundle.meta.source', 'Bundle.entry.fullUrl'];

function nothing(): never {
  throw new Error('A deletion has no body.');
}

function personOf(resource: FhirResource, context: ReferenceContext): string | Fault {
  const element = `${resource.resourceType}.${PATIENT_ELEMENT[resource.resourceType]}`;
  const references = patientReferences(resource);
  if (references.length === 0) {
    return {
      reason: 'subject-missing',
      expression: element,
      message: `${element} is missing: say which Patient it is about.`,
    };
  }
  const expression = `${element}.reference`;
  const all = references.map((reference) => followOut(resource, reference, context));
  const followed =
    all.find((one) => one.kind === 'local' && one.reference.startsWith('Patient/')) ??
    all.find((one) => one.kind === 'alias') ??
    all[0]!;
  switch (followed.kind) {
    case 'local': {
      const [type, id] = followed.reference.split('/');
      if (type === 'Patient') return id!;
      return {
        reason: 'subject-not-patient',
        expression,
        message: `The reference leads to a ${type}; screening is about Patients only.`,
      };
    }
    case 'alias':
      return `?${followed.alias}`;
    case 'foreign':
      return {
        reason: 'subject-foreign',
        expression,
        message:
          "The reference leads to another server than the hospital's: send a relative reference, or one under the site's fhirBase.",
      };
    default:
      return {
        reason: 'subject-unresolvable',
        expression,
        message:
          'The reference cannot be followed: use Patient/id, a fullUrl of the same Bundle, Patient?identifier=system|value, or an identifier.',
      };
  }
}

/** Follows a reference, into a contained Patient too. */
function followOut(resource: FhirResource, reference: r4.Reference, context: ReferenceContext): Followed {
  const followed = follow(reference, context);
  if (followed.kind !== 'contained') return followed;
  const alias = containedAlias(resource, followed.id, context);
  return alias ? { kind: 'alias', alias } : { kind: 'nowhere' };
}

function aliasesOf(patient: r4.Patient, context: ReferenceContext): string[] {
  const aliases = (patient.identifier ?? []).flatMap(({ system, value }) =>
    value ? [context.identifierAlias(system ?? '', value)] : [],
  );
  if (context.fullUrl?.startsWith('urn:')) aliases.push(context.urnAlias(context.fullUrl.toLowerCase()));
  aliases.push(context.urnAlias(`urn:uuid:${patient.id!.toLowerCase()}`));
  return [...new Set(aliases)];
}

/** `replaced-by` leads from this record to the surviving one, `replaces` the other way round (R4, Patient.link). */
function linksOf(patient: r4.Patient, id: string, context: ReferenceContext): { from: string; to: string }[] {
  return (patient.link ?? []).flatMap((link) => {
    const followed = follow(link.other, context);
    const local = followed.kind === 'local' && followed.reference.startsWith('Patient/');
    if (followed.kind === 'alias') return linkTo(`?${followed.alias}`);
    return local ? linkTo(followed.reference.slice('Patient/'.length)) : [];

    function linkTo(other: string): { from: string; to: string }[] {
      if (link.type === 'replaced-by') return [{ from: id, to: other }];
      return link.type === 'replaces' ? [{ from: other, to: id }] : [];
    }
  });
}
