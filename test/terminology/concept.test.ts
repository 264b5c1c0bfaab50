import fc from 'fast-check';
import { readConcept } from '../../src/terminology/concept.ts';
import { ICD_10, ICD_10_CN, SNOMED } from '../../src/terminology/systems.ts';
import { compileValueSets } from '../../src/terminology/value-set.ts';
import { compiled, DX, declaringSite, plainSite } from './site-example.ts';

const MEASURE = 'https://study.example/cs/measure';
const set = (id: string, ...codes: [system: string, code: string][]) => ({
  source: id,
  content: {
    resourceType: 'ValueSet',
    id,
    compose: { include: codes.map(([system, code]) => ({ system, concept: [{ code }] })) },
  },
});
const sets = compiled(
  compileValueSets([
    set('hemangioma', [ICD_10_CN, 'D18.013'], [SNOMED, '93469006']),
    set('root', [ICD_10, 'D18.0']),
    set('fatty', [SNOMED, '197321007'], [SNOMED, '442685003']),
    set('hepatitis', [ICD_10_CN, 'B18.103']),
    set('cap', [MEASURE, 'cap']),
  ]),
);
const read = (
  coding: { system?: string; code?: string; display?: string }[],
  text?: string,
  site = declaringSite(),
) => {
  const reading = readConcept({ coding, ...(text !== undefined && { text }) }, site, sets);
  return { sets: [...reading.sets].sort(), unmapped: reading.unmapped, understood: reading.understood };
};

test('codes, translations and dagger codes are put together', () => {
  expect(read([{ system: DX, code: 'DX0101' }])).toEqual({ sets: ['hemangioma'], unmapped: [], understood: true });
  expect(read([{ system: DX, code: ' DX0201 ' }]).sets).toEqual(['fatty']);
  expect(read([{ system: ICD_10, code: 'D18013' }]).sets).toEqual(['hemangioma']);
  expect(read([{ system: ICD_10, code: 'D18013' }], undefined, plainSite()).sets).toEqual(['root']);
  expect(read([{ system: ICD_10_CN, code: 'B18103+N08.0*' }]).sets).toEqual(['hepatitis']);
  expect(
    read([
      { system: SNOMED, code: '93469006' },
      { system: ICD_10, code: 'D18.0' },
    ]).sets,
  ).toEqual(['hemangioma', 'root']);
});

test('known and without meaning for the study, or only to something narrower: understood, in no set', () => {
  const nothing = { sets: [], unmapped: [], understood: true };
  expect(read([{ system: DX, code: 'DX1001' }])).toEqual(nothing);
  expect(read([{ system: DX, code: 'DX0202' }])).toEqual(nothing);
  expect(read([{ system: SNOMED, code: '38341003' }])).toEqual(nothing);
  expect(read([{ system: MEASURE, code: 'other' }])).toEqual(nothing);
});

test('unmapped: codes of hospitals that no map knows, and codes without a system', () => {
  expect(read([{ system: DX, code: 'DX7777', display: '肝占位' }], '其他')).toEqual({
    sets: [],
    unmapped: [{ system: DX, code: 'DX7777', text: '肝占位' }],
    understood: false,
  });
  expect(read([{ code: 'K76.0' }], '脂肪肝').unmapped).toEqual([{ system: '', code: 'K76.0', text: '脂肪肝' }]);
  expect(read([{ system: DX, code: 'DX0101' }], undefined, plainSite()).unmapped).toEqual([
    { system: DX, code: 'DX0101', text: null },
  ]);
  const mixed = read([
    { system: DX, code: 'DX7777' },
    { system: ICD_10, code: 'K76.0' },
  ]);
  expect(mixed).toEqual({ sets: [], unmapped: [{ system: DX, code: 'DX7777', text: null }], understood: true });
  const oid = 'urn:oid:2.16.156.10011.2.3.3.11';
  expect(read([{ system: oid, code: 'D18.013' }])).toEqual({ sets: ['hemangioma'], unmapped: [], understood: true });
  expect(read([{ system: oid, code: 'D18.013' }], undefined, plainSite()).unmapped).toHaveLength(1);
  expect(read([{ system: 'urn:oid:2.16.840.1.113883.3.1', code: 'X' }]).understood).toBe(false);
});

test('the remembered reading of a coding does not keep the text it first came with', () => {
  expect(read([{ system: DX, code: 'DX8888', display: 'one' }]).unmapped[0]!.text).toBe('one');
  expect(read([{ system: DX, code: 'DX8888', display: 'two' }]).unmapped[0]!.text).toBe('two');
});

test('nothing said', () => {
  const nothing = { sets: new Set(), unmapped: [], understood: false };
  expect(readConcept(undefined, declaringSite(), sets)).toEqual(nothing);
  expect(readConcept({ text: '脂肪肝' }, null, sets)).toEqual(nothing);
  expect(readConcept({ coding: [{ display: '脂肪肝' }] }, null, sets)).toEqual(nothing);
});

test('the order of codings and their repetition never matter', () => {
  const coding = fc.record(
    {
      system: fc.constantFrom(DX, ICD_10, ICD_10_CN, SNOMED, MEASURE, 'https://elsewhere.example'),
      code: fc.constantFrom('DX0101', 'DX9', 'D18.013', 'D180', '93469006', 'B18.103+D18.013', 'cap', ''),
    },
    { requiredKeys: ['code'] },
  );
  const shuffled = fc
    .array(coding, { maxLength: 6 })
    .chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length })),
    );
  const inOrder = (reading: ReturnType<typeof read>) => ({
    ...reading,
    unmapped: reading.unmapped.map((one) => JSON.stringify(one)).sort(),
  });
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      expect(inOrder(read(other))).toEqual(inOrder(read(list)));
    }),
  );
});
