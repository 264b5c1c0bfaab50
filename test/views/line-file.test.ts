import fc from 'fast-check';
import { LineFile } from '../../src/views/line-file.ts';

const text = (lines: LineFile) => Buffer.concat([...lines.inOrder()]).toString('utf8');

test('lines come in the order of their keys, whatever order they were put in and however long they are', () => {
  const pairs = fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(1, 1, 1, 40_000)), {
    selector: ([key]) => key,
  });
  fc.assert(
    fc.property(pairs, (all) => {
      const lines = new LineFile();
      for (const [key, word, times] of all) lines.put(key, `${word.repeat(times)}肝\n`);
      const sorted = all.toSorted(([a], [b]) => (a < b ? -1 : 1));
      expect(text(lines)).toBe(sorted.map(([, word, times]) => `${word.repeat(times)}肝\n`).join(''));
      lines.close();
    }),
    { seed: 1, numRuns: 50 },
  );
});

test('after it was cleared only what comes then counts; an empty one has no lines', () => {
  const lines = new LineFile();
  expect(text(lines)).toBe('');
  lines.put('b', 'first, and longer\n');
  lines.put('a', 'second\n');
  expect([lines.has('a'), text(lines)]).toEqual([true, 'second\nfirst, and longer\n']);
  lines.clear();
  expect([lines.has('a'), text(lines)]).toEqual([false, '']);
  lines.put('c', 'new\n');
  expect([lines.has('c'), text(lines)]).toEqual([true, 'new\n']);
  lines.close();
});
