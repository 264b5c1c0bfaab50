import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { coagulation } from '../feed/baseline.ts';
import { concept, condition, feedContext, icd10, noise, patient } from '../feed/builders.ts';
import { tell } from '../feed/people.ts';
import { SITE_IDS, type SiteId } from '../feed/sites.ts';
import { STORIES } from '../feed/stories.ts';
import { type Parcel, parcelsOf, stale } from './delivery.ts';
import { type Around, around, quirky } from './quirks.ts';
import { ELSEWHERE, type Files } from './scanned.ts';

/** Somebody in whose data there is nothing of the study, as nearly everybody is. */
export function bystander(number: number, site: SiteId = 'ya'): Parcel[] {
  const ctx = feedContext(site, 500 + number, 'bystander');
  const all = [patient(ctx), condition(ctx, { code: concept(icd10(ELSEWHERE)) }), ...coagulation(ctx), ...noise(ctx)];
  return all.map((resource) => ({ resource }));
}

/** What speaks of the person names them by an identifier; what does not, by id. */
function byIdentifier(parcels: readonly Parcel[]): Parcel[] {
  const resources = parcels.flatMap((parcel) => ('resource' in parcel ? [parcel.resource] : []));
  const [identifier] = (resources.find(isPatient)?.identifier ?? []) as object[];
  if (!identifier) return [...parcels];
  return parcels.map((parcel) => {
    if (!('resource' in parcel) || !SPEAKING.has(parcel.resource.resourceType)) return parcel;
    const element = parcel.resource.resourceType === 'Consent' ? 'patient' : 'subject';
    return { resource: { ...parcel.resource, [element]: { identifier } } };
  });
}

const isPatient = ({ resourceType }: FhirResource) => resourceType === 'Patient';
const SPEAKING = new Set(['Condition', 'Observation', 'DiagnosticReport', 'Consent']);

/** A later version without anything of the study: it takes evidence back. */
function emptied(resource: FhirResource): FhirResource {
  const meta = { ...resource.meta, versionId: '7', lastUpdated: '2025-05-30T01:00:00.000+08:00' };
  const code = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: ELSEWHERE }] };
  return { ...resource, meta, ...(resource.code ? { code } : {}) };
}

/** A later version that is about somebody else. */
export function moved(resource: FhirResource, to: string): FhirResource {
  const meta = { ...resource.meta, versionId: '8', lastUpdated: '2025-05-30T02:00:00.000+08:00' };
  return { ...resource, meta, subject: { reference: to } };
}

const TURNED = new Set(['Condition', 'Observation', 'Procedure', 'DiagnosticReport']);

/** Parcels of some people in one order, with stale versions, corrections, moved resources and repetitions. */
const parcels = fc
  .record({
    stories: fc.uniqueArray(fc.record({ at: fc.nat(STORIES.length - 1), aliased: fc.boolean() }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ at }) => at,
    }),
    others: fc.array(fc.record({ known: fc.boolean() }), { minLength: 1, maxLength: 3 }),
    versions: fc.array(
      fc.record({ at: fc.nat(), how: fc.constantFrom('stale', 'emptied', 'moved', 'moved', 'again') }),
      {
        maxLength: 12,
      },
    ),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ stories, others, versions, order }) => {
    const told = stories.map(({ at }, number) =>
      tell(STORIES[at]!, STORIES[at]!.site ?? SITE_IDS[number % SITE_IDS.length]!, number + 1, 'scan'),
    );
    const theirs = told.flatMap((one, at) => (stories[at]!.aliased ? byIdentifier(parcelsOf(one)) : parcelsOf(one)));
    const bystanders = others.map((_, number) => bystander(number + 1, told[number % told.length]!.person.site));
    const all = [...theirs, ...bystanders.flat()];
    for (const { at, how } of versions) {
      const parcel = all[at % all.length]!;
      if (!('resource' in parcel)) continue;
      const { resource } = parcel;
      const other = bystanders.map((one) => (one[0] as { resource: FhirResource }).resource);
      const to = other.find(({ meta }) => meta?.source === resource.meta?.source) ?? other[0]!;
      if (how === 'again') all.push(parcel);
      else if (how === 'stale') all.push({ resource: stale(resource) });
      else if (TURNED.has(resource.resourceType)) {
        all.push({ resource: how === 'emptied' ? emptied(resource) : moved(resource, `Patient/${to.id}`) });
      }
    }
    // Of some nothing says that they are anybody.
    const nameless = new Set(bystanders.flatMap((one, at) => (others[at]!.known ? [] : [one[0]])));
    const sent = all.filter((parcel) => !nameless.has(parcel));
    return sent.map((parcel) => ({ parcel, key: order.next().value! })).sort((a, b) => a.key - b.key);
  })
  .map((keyed) => keyed.map(({ parcel }) => parcel));

/** Files of such parcels, written in the ways of several hospitals. */
export const feed: fc.Arbitrary<Files> = fc
  .record({
    all: parcels,
    cuts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
    how: fc.array(around, { minLength: 4, maxLength: 4 }),
  })
  .map(({ all, cuts, how }) => filesOf(all, cuts, how));

function filesOf(all: readonly Parcel[], cuts: readonly number[], how: readonly Around[]): Files {
  const files: Record<string, Uint8Array> = {};
  let at = 0;
  for (const [number, length] of [...cuts, all.length].entries()) {
    const some = all.slice(at, at + length);
    at += length;
    if (some.length > 0) files[`${number}-file`] = quirky(some, how[number % how.length]!);
  }
  return files;
}

/** A file without quirks. */
export const PLAIN: Around = {
  crlf: false,
  mark: false,
  blank: false,
  open: false,
  gzip: false,
  bundled: false,
  style: 'plain',
  cut: 0,
};
