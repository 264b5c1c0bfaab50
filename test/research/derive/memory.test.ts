import type { DeriveContext, Deriver } from '../../../src/research/derive/derive.ts';
import { rememberingDeriver } from '../../../src/research/derive/memory.ts';
import { consent, observation, patient, specimen } from '../../feed/builders.ts';
import { feedContext } from '../../feed/context.ts';
import { bytes, contextOf, deriver } from './deriver.ts';

const plain = await deriver();
const CTX = feedContext('ya', 1);
const context = contextOf('ya', CTX.patientId, { age: 34 });

/** A remembering deriver, and how often the one behind it was asked. */
function remembering(most = 100): { derive: Deriver['derive']; asked: () => number } {
  let asked = 0;
  const counted: Deriver = {
    types: plain.types,
    derive(source, given) {
      asked++;
      return plain.derive(source, given);
    },
  };
  return { derive: rememberingDeriver(counted, most).derive, asked: () => asked };
}

const PLATELETS = { coding: [{ system: 'http://loinc.org', code: '777-3' }] };
const sources = () => [
  patient(feedContext('ya', 1)),
  consent(feedContext('ya', 1), { on: '2025-05-05' }),
  observation(feedContext('ya', 1), { code: PLATELETS, on: '2025-05-20' }),
  observation(feedContext('ya', 2), { id: 'local', code: { text: '某项' }, on: '2025-05-20' }),
];

test('the same source in the same context is derived once, and comes out as without memory', () => {
  const { derive, asked } = remembering();
  const first = sources().map((source) => bytes(derive(source, context)));
  expect(first).toEqual(sources().map((source) => bytes(plain.derive(source, context))));
  expect(asked()).toBe(4);
  expect(sources().map((source) => bytes(derive(structuredClone(source), { ...context })))).toEqual(first);
  expect(asked()).toBe(4);
});

test.each<[string, Partial<DeriveContext>]>([
  ['another age', { age: 35 }],
  ['another study version', { studyVersion: 'nct07265544@ffffffffffff' }],
  ['another patient', { patient: 'ya-p-000002' }],
  ['another zone', { site: { ...context.site, timezone: 'UTC' } }],
  ['another terminology', { site: { ...context.site, terminology: { ...context.site.terminology } } }],
  ['another site', { site: { ...context.site, id: 'zz' } }],
  ['another pseudonym', { pseudonym: (kind, id) => context.pseudonym(kind, `${id}0`) }],
  [
    'a pseudonym that is not given any more',
    { pseudonym: (kind, id) => (kind === 'patient' ? null : context.pseudonym(kind, id)) },
  ],
])('with %s it is derived anew, and as without memory', (_, changed) => {
  const { derive, asked } = remembering();
  const source = observation(feedContext('ya', 1), { code: PLATELETS, on: '2025-05-20' });
  derive(source, context);
  const other = { ...context, ...changed };
  expect(bytes(derive(source, other))).toBe(bytes(plain.derive(source, other)));
  expect(asked()).toBe(2);
  expect(bytes(derive(source, context))).toBe(bytes(plain.derive(source, context)));
});

test('what the gateway judged of a specimen counts', () => {
  const { derive } = remembering();
  const source = specimen(feedContext('ya', 1), { on: '2025-05-20' } as never);
  for (const holds of [[], ['before-consent']]) {
    const given = { ...context, holds };
    expect(bytes(derive(source, given))).toBe(bytes(plain.derive(source, given)));
  }
});

test('another content of the same version is derived anew', () => {
  const { derive, asked } = remembering();
  const source = observation(feedContext('ya', 1), { code: PLATELETS, on: '2025-05-20' });
  derive(source, context);
  const changed = { ...source, effectiveDateTime: '2025-05-21' };
  expect(bytes(derive(changed, context))).toBe(bytes(plain.derive(changed, context)));
  expect(asked()).toBe(2);
});

test('only the newest are remembered, and those that were used again', () => {
  const { derive, asked } = remembering(2);
  const [a, b, c] = sources() as [never, never, never];
  for (const source of [a, b, a, c]) derive(source, context);
  expect(asked()).toBe(3);
  derive(a, context);
  expect(asked()).toBe(3);
  derive(b, context);
  expect(asked()).toBe(4);
});

test('nobody can change what is remembered', () => {
  const { derive } = remembering();
  const given = derive(sources()[2]!, context);
  expect(() => Object.assign((given as { resource: object }).resource, { id: 'x' })).toThrow(TypeError);
});
