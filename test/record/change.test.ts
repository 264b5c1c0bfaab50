import type { Fault } from '../../src/fhir/refusal.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { type Change, changeOf, deletionOf, siteOf } from '../../src/record/change.ts';
import { BASE, condition, context, type Rooms, rooms } from './context.ts';

let all: Rooms;
beforeAll(async () => {
  all = await rooms();
});

const changed = (resource: FhirResource) => changeOf(resource, all.site, context, all.rules);
const reasonOf = (outcome: Change | Fault) => ('reason' in outcome ? [outcome.reason, outcome.expression] : 'taken');

test('a resource becomes a change: whom it is about, its rank, what is kept', () => {
  const change = changed(condition({ recorder: { reference: 'Practitioner/x' }, note: [{ text: '王伟' }] })) as Change;
  expect({ ...change, body: change.body(), identifiers: change.identifiers() }).toEqual({
    identifiers: [],
    key: { site: 'ya', type: 'Condition', id: 'c' },
    person: 'p',
    rank: { at: '2025-05-01T00:00:00.000000000Z', number: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    versionId: '3',
    deleted: false,
    body: {
      resourceType: 'Condition',
      id: 'c',
      meta: { versionId: '3', lastUpdated: '2025-05-01T08:00:00+08:00' },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'B18.1' }] },
    },
    need: { needed: true, reason: null, unmapped: [], alsoCoded: true },
    aliases: [],
    links: [],
  });
});

test('a patient that must be found first is an alias', () => {
  const change = changed(condition({ subject: { identifier: { system: 'mrn', value: '7' } } })) as Change;
  expect(change.person).toBe('?id(mrn|7)');
});

test.each<[string, object, string, string]>([
  ['no subject', { subject: undefined }, 'subject-missing', 'Condition.subject'],
  ['a Group', { subject: { reference: 'Group/p' } }, 'subject-not-patient', 'Condition.subject.reference'],
  [
    'another server',
    { subject: { reference: 'https://x.example.org/Patient/p' } },
    'subject-foreign',
    'Condition.subject.reference',
  ],
  ['nowhere', { subject: { display: 'x' } }, 'subject-unresolvable', 'Condition.subject.reference'],
  ['nothing contained', { subject: { reference: '#x' } }, 'subject-unresolvable', 'Condition.subject.reference'],
])('a subject that is %s is refused', (_, more, reason, expression) => {
  expect(reasonOf(changed(condition(more)))).toEqual([reason, expression]);
});

test('a refusal carries nothing of what was sent', () => {
  const outcome = changed(condition({ subject: { reference: 'https://x.example.org/Patient/SECRET-7' } })) as Fault;
  expect(JSON.stringify(outcome)).not.toContain('SECRET');
});

test('the patient of an Appointment is the participant that is one', () => {
  const change = changed({
    resourceType: 'Appointment',
    id: 'a',
    participant: [{ actor: { reference: 'Practitioner/x' } }, { actor: { reference: `${BASE}/Patient/p` } }],
  }) as Change;
  expect(change.person).toBe('p');
});

test('a Patient answers to its identifiers and urns, and declares its merges in either direction', () => {
  const change = changeOf(
    {
      resourceType: 'Patient',
      id: 'P1',
      identifier: [{ system: 'mrn', value: '7' }, { system: 'mrn', value: '7' }, { system: 'empty' }],
      link: [
        { other: { reference: 'Patient/new' }, type: 'replaced-by' },
        { other: { reference: 'Patient/old' }, type: 'replaces' },
        { other: { reference: 'Patient/too' }, type: 'seealso' },
        { other: { reference: 'https://x.example.org/Patient/far' }, type: 'replaced-by' },
      ],
    },
    all.site,
    { ...context, fullUrl: 'urn:uuid:CC' },
    all.rules,
  ) as Change;
  expect(change.person).toBe('P1');
  expect(change.aliases).toEqual(['id(mrn|7)', 'urn(urn:uuid:cc)', 'urn(urn:uuid:p1)']);
  expect(change.links).toEqual([
    { from: 'P1', to: 'new' },
    { from: 'old', to: 'P1' },
  ]);
});

test('a type that is not needed is nobody’s: it is not even asked for its subject', () => {
  const change = changed({ resourceType: 'AllergyIntolerance', id: 'a' }) as Change;
  expect([change.need.reason, change.person]).toEqual(['type-not-needed', null]);
});

describe('a deletion', () => {
  const key = { site: 'ya', type: 'Condition', id: 'c' };

  test('is a change without a body that wins a tie', () => {
    const at = '2025-05-01T00:00:00.000000000Z';
    expect(deletionOf(key, at, '4')).toMatchObject({
      key,
      person: null,
      rank: { at, number: 4, hash: 'f'.repeat(64) },
      deleted: true,
      need: { needed: true, reason: null },
    });
  });

  test('of a type that is not held is not needed', () => {
    const { need } = deletionOf({ ...key, type: 'Immunization' }, null, null);
    expect([need.needed, need.reason]).toEqual([false, 'type-not-needed']);
  });
});

describe('the hospital', () => {
  const named = (id: string | null) => (id === null ? null : all.sites.get(id)!);
  test.each<[string, (string | null)[], string | null, string]>([
    ['by its source', [`${BASE}/Condition/c`], null, 'ya'],
    ['by the base itself', [BASE], null, 'ya'],
    ['by the first source that says something', [null, 'https://x.example.org', BASE], null, 'ya'],
    ['as named', [null], 'nf', 'nf'],
    ['as named, another source unknown', ['https://x.example.org'], 'nf', 'nf'],
    ['as named, and the source agrees', [BASE], 'ya', 'ya'],
    ['named otherwise than the source', [BASE], 'nf', 'site-conflict'],
    ['nobody says', [null, undefined as never], null, 'site-unknown'],
    ['a source that only begins like a base', [`${BASE}2`], null, 'site-unknown'],
  ])('%s', (_, sources, name, wanted) => {
    const found = siteOf(sources, named(name), all.sites);
    expect('reason' in found ? found.reason : found.id).toBe(wanted);
  });
});
