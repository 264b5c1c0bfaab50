import { containedAlias, type Followed, follow, rewriteReferences } from '../../src/record/references.ts';
import { BASE, context } from './context.ts';

const local = (reference: string): Followed => ({ kind: 'local', reference });
const alias = (text: string): Followed => ({ kind: 'alias', alias: text });

test.each<[string, object, Followed]>([
  ['relative', { reference: 'Patient/p' }, local('Patient/p')],
  ['relative and versioned', { reference: 'Patient/p/_history/3' }, local('Patient/p')],
  ['absolute', { reference: `${BASE}/Patient/p` }, local('Patient/p')],
  ['absolute and versioned', { reference: `${BASE}/Patient/p/_history/3` }, local('Patient/p')],
  ['on another server', { reference: 'https://other.example.org/fhir/Patient/p' }, { kind: 'foreign' }],
  ['on a server whose base only begins alike', { reference: `${BASE}2/Patient/p` }, { kind: 'foreign' }],
  ['fullUrl of the Bundle', { reference: 'urn:uuid:aa' }, local('Patient/in-bundle')],
  ['urn of another Bundle', { reference: 'urn:uuid:BB' }, alias('urn(urn:uuid:bb)')],
  ['contained', { reference: '#x' }, { kind: 'contained', id: 'x' }],
  ['conditional', { reference: 'Patient?identifier=mrn|7' }, alias('id(mrn|7)')],
  ['conditional, escaped', { reference: 'Patient?identifier=http%3A%2F%2Fmrn%7C7' }, alias('id(http://mrn|7)')],
  ['conditional without an identifier', { reference: 'Patient?name=x' }, { kind: 'nowhere' }],
  ['identifier only', { identifier: { system: 'mrn', value: '7' } }, alias('id(mrn|7)')],
  ['identifier without a value', { identifier: { system: 'mrn' } }, { kind: 'nowhere' }],
  ['display only', { display: 'somebody' }, { kind: 'nowhere' }],
  ['unreadable', { reference: 'somebody' }, { kind: 'nowhere' }],
])('%s', (_, reference, followed) => {
  expect(follow(reference, context)).toEqual(followed);
});

test('an absolute reference on the server of the entry’s own fullUrl is local', () => {
  const inside = { ...context, fullUrl: 'https://inner.local/fhir/Condition/c' };
  expect(follow({ reference: 'https://inner.local/fhir/Patient/p' }, inside)).toEqual(local('Patient/p'));
});

test('every reference at any depth is rewritten; displays and what leads nowhere are gone', () => {
  const rewritten = rewriteReferences(
    {
      resourceType: 'Condition',
      subject: { reference: `${BASE}/Patient/p`, display: '王伟' },
      encounter: { reference: 'https://other.example.org/fhir/Encounter/e', display: '王伟的住院' },
      stage: [{ assessment: [{ reference: 'Observation/o/_history/2' }, { reference: '#g' }] }],
      basedOn: [{ identifier: { system: 'order', value: '9' }, display: '王伟' }],
    },
    context,
  );
  expect(rewritten).toEqual({
    resourceType: 'Condition',
    subject: { reference: 'Patient/p' },
    encounter: {},
    stage: [{ assessment: [{ reference: 'Observation/o' }, { reference: '#g' }] }],
    basedOn: [{ reference: '?id(order|9)' }],
  });
});

describe('a contained Patient', () => {
  const resource = (identifier: object[]) => ({
    resourceType: 'Condition',
    contained: [{ resourceType: 'Patient', id: 'x', identifier }],
  });

  test('is known by the identifier that the site trusts most', () => {
    const identifiers = [
      { system: 'other', value: '1' },
      { system: 'national', value: '2' },
      { system: 'mrn', value: '3' },
    ];
    expect(containedAlias(resource(identifiers), 'x', context)).toBe('id(mrn|3)');
    expect(containedAlias(resource(identifiers.slice(0, 2)), 'x', context)).toBe('id(national|2)');
  });

  test('without an identifier is nobody, and so is one that is not there', () => {
    expect(containedAlias(resource([{ system: 'mrn' }]), 'x', context)).toBeNull();
    expect(containedAlias(resource([{ system: 'mrn', value: '3' }]), 'y', context)).toBeNull();
  });
});
