import type { FhirResource } from '../../src/fhir/resource.ts';
import { coagulation, eligiblePerson, hivNegative, inMay } from '../../test/feed/baseline.ts';
import * as b from '../../test/feed/builders.ts';
import { transactionBundle } from '../../test/feed/bundles.ts';
import { SITES } from '../../test/feed/sites.ts';
import type { Sent } from './sender.ts';

const BASE = '/ehr/ya/fhir';
/** A person of YouAn of whom everything is kept, and who is eligible: 9 resources, and as many laboratory values more as asked. */
export function keptPerson(number: number, resources = 10): FhirResource[] {
  const ctx = b.feedContext('ya', number, 'bench');
  const person = eligiblePerson(ctx, { more: [] }).filter(isKept);
  while (person.length < resources) person.push(...(person.length % 4 === 0 ? hivNegative(ctx) : coagulation(ctx)));
  return person.slice(0, resources);
}

const NOISE = new Set(['AllergyIntolerance', 'Encounter']);
function isKept(resource: FhirResource): boolean {
  const text = JSON.stringify(resource);
  return !NOISE.has(resource.resourceType) && !/"(DX1001|2345-7|1742-6)"/.test(text);
}

/** Laboratory values that no study asks for. */
export function unneeded(number: number, count: number): FhirResource[] {
  const ctx = b.feedContext('ya', number, 'bench-unneeded');
  const id = (at: number) => `ya-x-${number}-${at}`;
  return Array.from({ length: count }, (_, at) =>
    b.observation(ctx, {
      id: id(at),
      code: b.concept(b.loinc('2345-7')),
      on: inMay(ctx, 1, 28),
      value: b.quantity(5, 'mmol/L'),
    }),
  );
}

/** A newer version of a resource: lastUpdated so many seconds later. */
export function newer(resource: FhirResource, seconds: number): FhirResource {
  const at = new Date(Date.parse('2025-05-30T00:00:00Z') + seconds * 1_000).toISOString();
  return { ...resource, meta: { ...resource.meta, lastUpdated: at } };
}

export function put(resource: FhirResource): Sent {
  const path = `${BASE}/${resource.resourceType}/${resource.id}`;
  return { method: 'PUT', path, body: Buffer.from(JSON.stringify(resource)) };
}

export function transaction(resources: readonly FhirResource[]): Sent {
  return posted(JSON.stringify(transactionBundle(SITES.ya, resources)));
}

export function posted(bundle: string): Sent {
  return { method: 'POST', path: BASE, body: Buffer.from(bundle) };
}
