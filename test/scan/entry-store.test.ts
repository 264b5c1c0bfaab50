import { closeSync, fstatSync } from 'node:fs';
import fc from 'fast-check';
import { unnamedFile } from '../../src/intake/spool.ts';
import { type Entries, EntryList, KIND } from '../../src/scan/entries.ts';
import { EntryStore } from '../../src/scan/entry-store.ts';
import { passedOverIn } from '../../src/scan/passed-over.ts';

type Line = [kind: number, about: number, id: number];

const line = fc.tuple(fc.constantFrom(...Object.values(KIND)), fc.integer({ min: 0, max: 9 }), fc.nat(0xffffffff));
const stretches = fc.array(fc.array(line, { maxLength: 40 }), { maxLength: 6 });

function entriesOf(lines: readonly Line[]): Entries {
  const list = new EntryList();
  const type = list.typeAt('Condition');
  for (const [at, [kind, about, id]] of lines.entries()) list.add(at * 100, kind, type, about, id);
  return list.done(lines.length * 100);
}

test('entries come back as they were, from memory and from the file, in any order and again', () => {
  fc.assert(
    fc.property(stretches, fc.nat(1500), (all, most) => {
      const store = new EntryStore(unnamedFile, most);
      const given = all.map((lines) => store.add(entriesOf(lines)));
      for (let round = 0; round < 2; round++) {
        for (const at of [...all.keys()].reverse()) expect(given[at]!()).toEqual(entriesOf(all[at]!));
      }
      store.close();
    }),
  );
});

test('what is more than is to be held goes into one file', () => {
  const files: number[] = [];
  const makeFile = () => {
    files.push(unnamedFile());
    return files.at(-1)!;
  };
  // 13 bytes a line, 4 more for a stretch.
  const store = new EntryStore(makeFile, 17);
  const lines = [[KIND.waiting, 1, 2]] as Line[];
  store.add(entriesOf(lines));
  expect(files).toEqual([]);
  store.add(entriesOf(lines));
  store.add(entriesOf([...lines, ...lines]));
  expect(files).toHaveLength(1);
  expect(fstatSync(files[0]!).size).toBe(17 + 30);
  store.close();
  expect(() => closeSync(files[0]!)).toThrow('EBADF');
});

test('where no file can be made they are held', () => {
  const store = new EntryStore(() => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  }, 0);
  const lines = [[KIND.evidence, 3, 4]] as Line[];
  const given = store.add(entriesOf(lines));
  expect(given()).toEqual(entriesOf(lines));
  store.close();
});

test('in however many shares, what was passed over of each person is told once', () => {
  fc.assert(
    fc.property(stretches, fc.integer({ min: 1, max: 50 }), (all, share) => {
      const given = all.map((lines) => () => entriesOf(lines));
      const taken = (entries: Entries, at: number) => entries.about[at]! % 3 === 0;
      const shares = [...passedOverIn(given, taken, share)];
      const waiting = all.flat().filter(([kind]) => kind === KIND.waiting || kind === KIND.evidence);
      expect(shares).toHaveLength(Math.max(1, Math.ceil(waiting.length / share)));
      for (let person = 0; person < 10; person++) {
        const told = shares.map((one) => [...one.of(person)]).filter((ids) => ids.length > 0);
        const ids = waiting.filter(([, about]) => about === person && about % 3 !== 0).map(([, , id]) => id);
        expect(told).toEqual(ids.length > 0 ? [ids.sort((a, b) => a - b)] : []);
      }
    }),
  );
});
