import fc from 'fast-check';
import { type Entries, EntryList, KIND } from '../../src/scan/entries.ts';
import { EntryFile } from '../../src/scan/entry-file.ts';
import { PassedOver } from '../../src/scan/passed-over.ts';

const KINDS = [KIND.unneeded, KIND.waiting, KIND.evidence, KIND.taken];
const hash = fc.integer({ min: 1, max: 0xffffffff });
const line = fc.record({
  kind: fc.constantFrom(...KINDS),
  about: fc.oneof(fc.integer({ min: 1, max: 9 }), hash),
  id: hash,
});
const stretch = fc.array(line, { maxLength: 40 }).map((lines): Entries => {
  const list = new EntryList();
  for (const [at, { kind, about, id }] of lines.entries()) list.add(at * 10, kind, list.typeAt('Condition'), about, id);
  return list.done(lines.length * 10);
});

test('entries come back from the file as they were kept, whatever was kept and turned between', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 5 }), fc.nat(), (stretches, which) => {
      const file = new EntryFile();
      try {
        const kept = stretches.map((entries) => file.keep(entries));
        const turned = stretches[which % Math.max(1, stretches.length)];
        if (turned) {
          turned.kind = turned.kind.map(() => KIND.done);
          file.turn(kept[stretches.indexOf(turned)]!, turned.kind);
        }
        expect(kept.map((one) => structuredClone(file.entries(one)))).toEqual(stretches);
      } finally {
        file.close();
      }
    }),
    { seed: 1 },
  );
});

test('what is passed over is told of each person once, however many parts the people are cut into', () => {
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 4 }), fc.integer({ min: 1, max: 5 }), (stretches, of) => {
      const passed = new PassedOver(() => stretches);
      const lines = stretches.flatMap(({ length, kind, about, id }) =>
        Array.from({ length }, (_, at) => ({ kind: kind[at]! & 7, about: about[at]!, id: id[at]! })),
      );
      const people = [...new Set(lines.map(({ about }) => about))];
      const told = people.map(() => [] as number[][]);
      for (let which = 0; which < of; which++) {
        passed.takeUp(which, of);
        for (const [at, person] of people.entries()) {
          const ids = [...passed.of(person)];
          if (ids.length > 0) told[at]!.push(ids);
        }
      }
      for (const [at, person] of people.entries()) {
        const wanted = lines.flatMap(({ kind, about, id }) =>
          about === person && (kind === KIND.waiting || kind === KIND.evidence) ? [id] : [],
        );
        expect(told[at]).toEqual(wanted.length > 0 ? [wanted.sort((a, b) => a - b)] : []);
      }
    }),
    { seed: 1 },
  );
});
