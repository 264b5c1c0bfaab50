import { urnOf } from '../../src/delivery/identity.ts';
import { hashOf } from '../../src/delivery/render.ts';
import { nextStep, type Standing } from '../../src/delivery/step.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';

const OURS = 'https://study-gateway.example/sid/resource';

function standing(type: string, id: string, names: readonly string[] = [], given: Partial<Standing> = {}): Standing {
  const basedOn = names.map((reference) => ({ reference }));
  const resource: FhirResource = { resourceType: type, id, ...(names.length > 0 ? { basedOn } : {}) };
  return {
    type,
    id,
    wanted: { resource, withdrawn: false },
    remote: null,
    hash: null,
    loose: false,
    released: false,
    due: true,
    ...given,
  };
}
const namesOf = (standings: Standing[], limit = 8) =>
  nextStep(standings, limit, null).entries.map(({ method, type, id }) => `${method} ${type}/${id}`);
const referencesOf = (standings: Standing[], limit = 8) =>
  nextStep(standings, limit, null).entries.map(({ resource }) => (resource?.basedOn ?? []) as object[]);

test('what is named comes first, and is named by its place in the same transaction', () => {
  const all = [
    standing('Condition', 'c', ['Observation/o']),
    standing('Observation', 'o', ['Patient/p']),
    standing('Patient', 'p'),
  ];
  expect(namesOf(all)).toEqual(['PUT Patient/p', 'PUT Observation/o', 'PUT Condition/c']);
  expect(referencesOf(all)[1]).toEqual([{ reference: urnOf('Patient', 'p') }]);
  expect(namesOf(all, 1)).toEqual(['PUT Patient/p']);
});

test('what the target has is named by its id there, what it will not have by identifier', () => {
  const there = standing('Patient', 'p', [], { remote: '77', due: false });
  expect(
    referencesOf([there, standing('Condition', 'c', ['Patient/p', 'Observation/never', 'ResearchStudy/s'])]),
  ).toEqual([
    [
      { reference: 'Patient/77' },
      { type: 'Observation', identifier: { system: OURS, value: 'never' } },
      { type: 'ResearchStudy', identifier: { system: OURS, value: 's' } },
    ],
  ]);
});

test('a circle is cut where it is entered; what was cut is loose, and goes again once it can be closed', () => {
  const circle = [standing('Procedure', 'x', ['Condition/c']), standing('Condition', 'c', ['Procedure/x'])];
  const [first] = nextStep(circle, 1, null).entries;
  expect(first).toMatchObject({ type: 'Procedure', loose: true });
  const hash = first!.hash;
  const sent = (given: Partial<Standing>) => ({ ...circle[0]!, remote: '1', hash, loose: true, ...given });
  expect(namesOf([sent({ due: false }), circle[1]!])).toEqual(['PUT Condition/c']);
  expect(nextStep([sent({}), { ...circle[1]!, due: false }], 8, null).asItIs).toHaveLength(1);
  expect(namesOf([sent({}), { ...circle[1]!, remote: '2', due: false }])).toEqual(['PUT Procedure/x']);
});

test('what is there as it should be, or should not be and never was, needs nothing', () => {
  const one = standing('Patient', 'p');
  const same = { ...one, remote: '1', hash: hashOf(one.wanted!) };
  const never = standing('Condition', 'c', [], { wanted: null });
  expect(nextStep([same, never], 8, null)).toEqual({ asItIs: [same, never], entries: [] });
  expect(namesOf([{ ...same, hash: 'other' }])).toEqual(['PUT Patient/p']);
  expect(namesOf([{ ...never, released: true }])).toEqual(['DELETE Condition/c']);
});

test('deletions come after everything else, what names others before what is named', () => {
  const gone = { wanted: null, released: true };
  const all = [standing('Patient', 'p', [], gone), standing('Observation', 'o', [], gone), standing('Consent', 'k')];
  expect(namesOf(all)).toEqual(['PUT Consent/k']);
  expect(namesOf(all.slice(0, 2))).toEqual(['DELETE Observation/o', 'DELETE Patient/p']);
});

test('meta of ours stays behind; identifiers of the study stay beside ours', () => {
  const resource: FhirResource = {
    resourceType: 'Specimen',
    id: 's',
    meta: { versionId: '4', lastUpdated: '2025-06-01T00:00:00Z', profile: ['https://study-gateway.example/p'] },
    identifier: [{ system: 'https://study-gateway.example/sid/kit', value: 'AB-123' }],
  };
  const { entries } = nextStep([standing('Specimen', 's', [], { wanted: { resource, withdrawn: true } })], 8, null);
  expect(entries[0]!.resource).toEqual({
    resourceType: 'Specimen',
    meta: { profile: ['https://study-gateway.example/p'] },
    identifier: [
      { system: 'https://study-gateway.example/sid/kit', value: 'AB-123' },
      { system: OURS, value: 's' },
    ],
    modifierExtension: [
      { url: 'https://study-gateway.example/StructureDefinition/consent-withdrawn', valueBoolean: true },
    ],
  });
  const newer = { ...resource, meta: { ...resource.meta, versionId: '5' } };
  expect(hashOf({ resource, withdrawn: false })).toBe(hashOf({ resource: newer, withdrawn: false }));
  expect(hashOf({ resource, withdrawn: false })).not.toBe(hashOf({ resource, withdrawn: true }));
});
