import fc from 'fast-check';
import { readJsonBody } from '../../src/fhir/json-body.ts';

const nested = (depth: number) => Buffer.from(`${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`);

test('reads any JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      expect(readJsonBody(Buffer.from(text))).toStrictEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
  expect(readJsonBody(Buffer.from('\ufeff{"a":1}'))).toStrictEqual({ ok: true, value: { a: 1 } });
});

test.each([
  ['invalid-utf8', Buffer.from([0x22, 0xff, 0x22])],
  ['invalid-json', Buffer.from('{"a":')],
  ['invalid-json', Buffer.from('')],
  ['invalid-json', Buffer.from('<Patient/>')],
  ['too-deep', nested(66)],
  ['too-deep', nested(400_000)],
])('%s', (code, bytes) => {
  expect(readJsonBody(bytes)).toMatchObject({ ok: false, code });
});

test('the depth that is allowed is that of the deepest brace', () => {
  expect(readJsonBody(nested(64)).ok).toBe(true);
  expect(readJsonBody(Buffer.from('1'), 0).ok).toBe(true);
  expect(readJsonBody(Buffer.from('{}'), 0).ok).toBe(false);
  expect(readJsonBody(Buffer.from('[[],[1]]'), 2).ok).toBe(true);
  expect(readJsonBody(Buffer.from('[[],[1]]'), 1).ok).toBe(false);
});

test('any bytes give a value or a refusal', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof readJsonBody(Buffer.from(bytes)).ok === 'boolean'));
});
