import fc from 'fast-check';
import { JsonScan } from '../../src/intake/scan.ts';

const LINE_FEED = Buffer.from('\n');

function scan(text: string, maxDepth = 64): JsonScan {
  const result = new JsonScan(maxDepth);
  result.push(Buffer.from(text));
  result.push(LINE_FEED);
  return result;
}

function measure(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, item) => Math.max(deepest, measure(item)), 0);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const awkward = fc.string({
  unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', '肝', '\n', '\u0001'),
});
const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' });
const { tree: nested } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    awkward,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(awkward, tie('tree'), { maxKeys: 4 }),
  ),
}));

describe('JsonScan', () => {
  test('measures the depth as recursion over the value does, whatever strings hold', () => {
    fc.assert(
      fc.property(fc.oneof(nested, json), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(scan(text)).toMatchObject({ state: 'complete', deepest: measure(JSON.parse(text)) });
      }),
    );
  });

  test('any cutting into chunks gives the same', () => {
    fc.assert(
      fc.property(nested, fc.array(fc.nat(200)), (value, cuts) => {
        const bytes = Buffer.from(JSON.stringify(value));
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const whole = scan(bytes.toString());
        const cut = new JsonScan(64);
        for (let i = 1; i < edges.length; i++) cut.push(bytes.subarray(edges[i - 1], edges[i]));
        cut.push(LINE_FEED);
        expect([cut.state, cut.deepest]).toEqual([whole.state, whole.deepest]);
      }),
    );
  });

  test('is complete exactly when JSON.parse takes the text', () => {
    const damage = fc.record({ at: fc.nat(60), drop: fc.nat(3), put: fc.constantFrom('', ...'{}[]",:\\u0e-+.1tn ') });
    fc.assert(
      fc.property(nested, fc.array(damage, { maxLength: 3 }), (value, damages) => {
        let text = JSON.stringify(value);
        for (const { at, drop, put } of damages) text = text.slice(0, at) + put + text.slice(at + drop);
        expect([text, scan(text).state === 'complete']).toEqual([text, parses(text)]);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    '01',
    '1.',
    '-',
    '1e',
    '.5',
    '+1',
    'tru',
    'nul',
    '"\\x"',
    '"\\u12g4"',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    '1 2',
  ])('finds %s broken', (text) => expect(scan(text).state).toBe('broken'));

  test.each(['{', '[1,', '{"a":', '{"a"', '"abc', '"\\u12', ''])('leaves %s open', (text) => {
    const open = new JsonScan(64);
    expect(open.push(Buffer.from(text))).toBe('open');
  });

  test('stops one level below the limit', () => {
    expect(scan('[[[]]]', 3)).toMatchObject({ state: 'complete', deepest: 3 });
    expect(scan('[[[[]]]]', 3).state).toBe('too-deep');
    expect(scan('['.repeat(100_000)).state).toBe('too-deep');
  });
});
