import fc from 'fast-check';
import { canonicalJson, contentHash } from '../../src/fhir/canonical.ts';

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item)] as const);
  return JSON.parse(
    `{${entries
      .reverse()
      .map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`)
      .join(',')}}`,
  );
}

test('canonicalJson sorts keys at every level and keeps the order of arrays', () => {
  expect(canonicalJson({ b: [{ z: 1, a: '肝' }, 2], a: null, B: true })).toBe(
    '{"B":true,"a":null,"b":[{"a":"肝","z":1},2]}',
  );
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"c":2}}'))).toBe('{"__proto__":{"c":2},"b":1}');
});

test('it is the same for equal contents in any order of keys, and reads back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(shuffled(value))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('contentHash is the SHA-256 of it', () => {
  expect(contentHash({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  expect(contentHash({ a: 1, b: 2 })).toBe(contentHash({ b: 2, a: 1 }));
  expect(contentHash({ a: [1, 2] })).not.toBe(contentHash({ a: [2, 1] }));
});
