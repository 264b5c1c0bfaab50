import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import { type Identifier, identifiersOf } from '../../../src/identity/identifiers-of.ts';
import { createScanner } from '../../../src/identity/scanner.ts';
import type { Gateway } from '../../../src/pipeline/gateway.ts';
import { eligiblePerson } from '../../feed/baseline.ts';
import * as b from '../../feed/builders.ts';
import type { SiteId } from '../../feed/sites.ts';
import { ndjson, runOver } from '../../pipeline/gateway.ts';

/** Takes resources in and screens; gives the subject of each Patient id. */
export async function take(gateway: Gateway, ...resources: FhirResource[]): Promise<Map<string, string>> {
  const { rows } = await runOver(gateway, { feed: ndjson(resources) });
  return new Map(rows.map(({ patient, subject }) => [patient.replace('Patient/', ''), subject]));
}

/** Somebody who is eligible. */
export const eligible = (number: number, site: SiteId = 'ya') => eligiblePerson(b.feedContext(site, number));

/** A new version of somebody's Patient that merges it into another. */
export function mergedInto(number: number, survivor: number): FhirResource {
  const meta = { versionId: '2', lastUpdated: '2025-05-30T09:00:00+08:00' };
  return b.patient(b.feedContext('ya', number), { ...meta, link: [b.replacedBy(b.feedContext('ya', survivor))] });
}

/** The same person, dead: no candidate any more. */
export function died(number: number): FhirResource {
  const meta = { versionId: '3', lastUpdated: '2025-05-31T09:00:00+08:00' };
  return b.patient(b.feedContext('ya', number), { ...meta, deceasedDateTime: '2025-05-30T08:00:00+08:00' });
}

/** How many identifiers of these people stand in a text; there must be some to look for. */
export async function identifiersIn(text: string, people: readonly FhirResource[]): Promise<number> {
  const wanted: Identifier[] = people.flatMap((resource) => [...identifiersOf(resource)]);
  expect(wanted.length).toBeGreaterThan(10);
  let hits = 0;
  for await (const _ of createScanner(wanted).scan({ name: 'notice', content: [Buffer.from(text)] })) hits++;
  return hits;
}

/** A searchset as a client sees it. */
export type Searchset = Omit<r4.Bundle, 'entry'> & {
  entry?: { fullUrl?: string; resource: FhirResource & Record<string, unknown>; search: { mode: string } }[];
};

/** Ids of the matches. */
export const ids = ({ entry }: Searchset) =>
  (entry ?? []).flatMap(({ resource, search }) => (search.mode === 'match' ? [resource.id!] : []));
