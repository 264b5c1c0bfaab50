import fc from 'fast-check';
import { parseUnique, repeatedAt } from '../../src/intake/repeated-member.ts';
import { JsonScan } from '../../src/intake/scan.ts';

function members(text: string): number {
  const scan = new JsonScan(64);
  scan.push(Buffer.from(text));
  expect(scan.push(Buffer.from('\n'))).toBe('complete');
  return scan.members;
}

test('any JSON that JavaScript writes has each member once', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5, stringUnit: 'binary' }), (text) => {
      expect(parseUnique(text, members(text))).toEqual({ value: JSON.parse(text) });
      expect(repeatedAt(text)).toBeNull();
    }),
  );
});

test.each([
  ['{"a":1,"a":2}', 7],
  ['{"a":1,"\\u0061":1}', 7],
  ['[{"a":1},{"a":{"b":":","b":"\\""}}]', 23],
  ['{"__proto__":1,"__proto__":1}', 15],
  ['{"":1,"":1}', 6],
])('%s names a member again at %i', (text, at) => {
  expect(parseUnique(text, members(text))).toBeNull();
  expect(repeatedAt(text)).toBe(at);
});
