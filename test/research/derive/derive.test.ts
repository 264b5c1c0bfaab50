import type { FhirResource } from '../../../src/fhir/resource.ts';
import { prune } from '../../../src/record/prune.ts';
import { rewriteReferences } from '../../../src/record/references.ts';
import { createDeriver } from '../../../src/research/derive/derive.ts';
import { loadMappings } from '../../../src/research/derive/load.ts';
import { observation, patient } from '../../feed/builders.ts';
import { feedContext } from '../../feed/context.ts';
import { tellAll } from '../../feed/people.ts';
import { SITES as FEED_SITES, type SiteId } from '../../feed/sites.ts';
import { DEMO_SEED } from '../../feed/write.ts';
import { bytes, conformance, contextOf, deriver, HOME, mappings } from './deriver.ts';

const derive = await deriver();

/** A resource as the record keeps it. */
function kept(site: SiteId, resource: FhirResource): FhirResource {
  const references = { fhirBase: FEED_SITES[site].fhirBase, fullUrls: new Map(), fullUrl: null, identifierSystems: [] };
  const rewritten = rewriteReferences(resource, {
    ...references,
    identifierAlias: () => 'alias',
    urnAlias: () => 'alias',
  });
  return prune(rewritten);
}

const ELIGIBLE = tellAll(DEMO_SEED, false).filter(({ person }) => person.expected?.status === 'eligible');
const RECORDS = ELIGIBLE.flatMap(({ person, resources }) =>
  resources.map((resource) => ({ person, source: kept(person.site, resource) })),
).filter(({ source }) => derive.types.has(source.resourceType));

/** Held as they should be: nothing public is known of them. */
const HELD = [
  'disease: local code that no map knows beside a known disease – Condition',
  'grade: S2 without method or context – Observation',
];

describe('the records of the eligible people of the feed', () => {
  const derived = RECORDS.map(({ person, source }) => {
    const context = contextOf(person.site, person.patient.split('/')[1]!, { age: 34 });
    return { person, source, result: derive.derive(source, context) };
  });

  test('derive without fault', () => {
    expect(ELIGIBLE.length).toBeGreaterThan(100);
    expect(new Set(RECORDS.map(({ source }) => source.resourceType))).toEqual(
      new Set(['Patient', 'Condition', 'Consent', 'Observation', 'Procedure', 'DiagnosticReport']),
    );
    const held = derived.filter(({ result }) => result.kind === 'held');
    expect(held.map(({ person, source }) => `${person.story} – ${source.resourceType}`)).toEqual(HELD);
    const leftOut = derived.flatMap(({ result }) => (result.kind === 'left-out' ? [result.reason] : []));
    expect([...new Set(leftOut)]).toEqual(['entered-in-error']);
  });

  test('name no code that is unmatched, and leave the same elements every time', () => {
    const resources = derived.flatMap(({ result }) => (result.kind === 'resource' ? [result] : []));
    expect(resources.flatMap(({ unmatched }) => unmatched)).toEqual([]);
    expect([...new Set(resources.flatMap(({ unread }) => unread))].sort()).toEqual([
      'Consent.performer',
      'Patient.birthDate',
      'Patient.deceasedBoolean',
      'Patient.identifier',
      'Patient.link',
    ]);
  });

  test('give the same bytes twice, also from another deriver over maps loaded anew', async () => {
    const loaded = await loadMappings(HOME);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
    const other = createDeriver({ mappings: loaded.value, conformance });
    for (const { person, source, result } of derived.reverse()) {
      const context = contextOf(person.site, person.patient.split('/')[1]!, { age: 34 });
      expect(bytes(other.derive(structuredClone(source), context))).toBe(bytes(result));
    }
  });

  test('carry nothing of the hospital: no id, number, name, local code or word', () => {
    for (const { person, source, result } of derived) {
      if (result.kind !== 'resource') continue;
      const text = bytes(result.resource);
      expect(text).not.toContain(person.patient.split('/')[1]!);
      expect(text).not.toContain(source.id!);
      expect(text).not.toMatch(new RegExp(`${person.site}\\.example|[\\u4e00-\\u9fff]`));
      expect(text).not.toContain('birthDate');
    }
  });
});

const CTX = feedContext('ya', 1);
const context = contextOf('ya', CTX.patientId);

test('what does not conform is held, and nothing of it passes', async () => {
  const source = observation(CTX, { code: { text: '某项' }, on: '2025-05-20' });
  const result = derive.derive(source, context);
  expect(result).toMatchObject({ kind: 'held', mapVersion: expect.stringMatching(/^StudyObservation@[0-9a-f]{12}$/) });
  expect(Object.keys(result).sort()).toEqual(['faults', 'kind', 'mapVersion', 'unmatched']);
  expect(bytes(result)).not.toMatch(/某项|2025-05-20|ya-o-/);
});

test('so is a pseudonym that is none', () => {
  const named = { ...context, pseudonym: (_: string, id: string) => id };
  const result = derive.derive(patient(CTX), named);
  expect(result).toMatchObject({ kind: 'held', faults: [{ code: 'text', expression: 'Patient.id' }] });
  expect(bytes(result)).not.toContain(CTX.patientId);
});

test('and what the check refuses for whatever reason', async () => {
  const fault = { code: 'rule' as const, expression: 'Patient', message: 'No.' };
  const strict = createDeriver({ mappings: await mappings(), conformance: { check: () => [fault] } });
  expect(strict.derive(patient(CTX), context)).toMatchObject({ kind: 'held', faults: [fault] });
  expect(conformance.check(patient(CTX))).not.toEqual([]);
});

test.each(['Encounter', 'ServiceRequest', 'RelatedPerson', 'Appointment', 'MedicationRequest', 'Nonsense'])(
  'a %s has no map',
  (resourceType) => {
    expect(derive.derive({ resourceType, id: 'x' }, context)).toEqual({ kind: 'left-out', reason: 'no-map' });
  },
);

test('a site reads its own codes only', () => {
  const source = observation(CTX, {
    code: { coding: [{ system: 'https://ya.example.cn/cs/lab', code: 'L003' }] },
    on: null,
  });
  expect(derive.derive(source, context).kind).toBe('resource');
  expect(derive.derive(source, contextOf('nf', CTX.patientId))).toMatchObject({
    kind: 'held',
    unmatched: ['clinical-codes: https://ya.example.cn/cs/lab|L003'],
  });
});

test.each([
  ['Asia/Shanghai', '2025-05-20T08:30', '2025-05-20T08:30:00+08:00'],
  ['Asia/Shanghai', '2025-05-20T08:30Z', '2025-05-20T08:30:00Z'],
  ['Asia/Shanghai', '2025-05-20T08:30:00.25-03:30', '2025-05-20T08:30:00.25-03:30'],
  ['America/St_Johns', '2025-05-20T08:30:00.25', '2025-05-20T08:30:00.25-02:30'],
  ['UTC', '2025-05-20T08:30:59', '2025-05-20T08:30:59+00:00'],
  ['Asia/Shanghai', '2025-05', '2025-05'],
])('in %s %s is %s', (timezone, on, expected) => {
  const source = observation(CTX, { code: { coding: [{ system: 'http://loinc.org', code: '777-3' }] }, on });
  const result = derive.derive(source, { ...context, site: { ...context.site, timezone } });
  expect(result).toMatchObject({ kind: 'resource', resource: { effectiveDateTime: expected } });
});
