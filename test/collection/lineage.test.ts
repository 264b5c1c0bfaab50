import fc from 'fast-check';
import type { CollectionContext } from '../../src/collection/about.ts';
import { assessSpecimens } from '../../src/collection/lineage.ts';
import type { r4 } from '../../src/fhir/resource.ts';
import { about, blood, CLEAN, codes, consent, contextOf, derived, operated, tissue } from './people.ts';

let context: CollectionContext;
beforeAll(async () => {
  context = await contextOf();
});

const judged = (specimens: r4.Specimen[], more = {}) =>
  Object.fromEntries(
    assessSpecimens(specimens, about(more), context).map((one) => [one.specimen.slice('Specimen/'.length), codes(one)]),
  );
const EARLY = '2025-05-30T11:00:00+08:00';
const GOOD = '2025-06-01T08:00:00+08:00';

test('what is made of a specimen takes over holds and quarantine, not its deviations', () => {
  const held = { deviations: [], holds: ['before-consent'], quarantined: true, asks: [] };
  expect(judged([derived('s3', ['s2']), derived('s2', ['s1']), blood(EARLY)])).toEqual({
    s1: { ...held, deviations: ['before-consent'] },
    s2: held,
    s3: held,
  });
  expect(judged([blood(GOOD), derived('s2', ['s1'])])).toEqual({ s1: CLEAN, s2: CLEAN });
});

test('a pool takes over everything of all it was made of', () => {
  const specimens = [blood(EARLY), tissue('2025-05-30', { id: 't1' }), derived('s9', ['s1', 't1'])];
  expect(judged(specimens).s9).toEqual({
    deviations: [],
    holds: ['before-consent', 'confirm-time'],
    quarantined: true,
    asks: [],
  });
});

test('a parent that is not there, entered in error, or not of this hospital leaves the time to be confirmed', () => {
  const orphan = { deviations: [], holds: ['confirm-time'], quarantined: false, asks: ['parent-unknown'] };
  expect(judged([derived('s2', ['s1'])])).toEqual({ s2: orphan });
  expect(judged([derived('s2', ['s1']), blood(GOOD, { status: 'entered-in-error' })])).toEqual({ s2: orphan });
  expect(judged([derived('s2', ['s1', 's7']), blood(GOOD)]).s2).toEqual(orphan);
  const away = { parent: [{ reference: 'https://other.example/fhir/Specimen/s1' }] };
  expect(judged([derived('s2', [], away), blood(GOOD)]).s2).toEqual(orphan);
});

test('a circle is stopped, and what hangs on it is held', () => {
  const circle = { deviations: [], holds: ['confirm-time'], quarantined: false, asks: ['parent-cycle'] };
  const specimens = [derived('s2', ['s3']), derived('s3', ['s2', 's1']), derived('s4', ['s3']), blood(GOOD)];
  expect(judged(specimens)).toEqual({ s1: CLEAN, s2: circle, s3: circle, s4: { ...circle, asks: [] } });
  expect(judged([derived('s5', ['s5'])])).toEqual({ s5: circle });
});

test('a long lineage is followed to its end', () => {
  const chain = Array.from({ length: 300 }, (_, index) => derived(`s${index + 2}`, [`s${index + 1}`]));
  expect(judged([...chain, blood(EARLY)]).s301?.quarantined).toBe(true);
});

test('withdrawal reaches everything', () => {
  const held = { ...CLEAN, holds: ['consent-withdrawn'], quarantined: true };
  expect(judged([blood(GOOD), derived('s2', ['s1'])], { withdrawn: true })).toEqual({ s1: held, s2: held });
});

test('two specimens of one kit id are asked about', () => {
  const kit = [{ system: 'https://study-gateway.example/sid/kit', value: 'KIT-000123' }];
  const both = { ...CLEAN, asks: ['kit-duplicate'] };
  expect(judged([blood(GOOD), derived('s2', ['s1'], { identifier: kit })])).toEqual({ s1: both, s2: both });
  const none = { ...CLEAN, asks: ['kit-missing'] };
  const bare = { identifier: [] };
  expect(judged([blood(GOOD, bare), derived('s2', ['s1'], bare)])).toEqual({ s1: none, s2: none });
});

test('the order of specimens, consents, operations and acceptances never matters', () => {
  const ids = ['s1', 's2', 's3', 's4', 's5'];
  const time = fc.constantFrom(EARLY, GOOD, '2025-05-30', '2025-06-02', '2025-06-02T10:00:00+08:00', '2025-07-01');
  const specimen = (id: string) =>
    fc.oneof(
      time.map((collected) => blood(collected, { id })),
      time.map((collected) => tissue(collected, { id })),
      fc.subarray([...ids, 'gone'], { minLength: 1 }).map((parents) => derived(id, parents)),
    );
  const consents = fc.array(
    fc.constantFrom(
      consent('2025-05-30T12:00:00+08:00'),
      consent('2025-05-30'),
      consent('2025-06-20'),
      consent('2024-01-01', '2025-06-01'),
    ),
  );
  const surgeries = fc.array(
    fc.constantFrom(
      operated('2025-06-02T09:00:00+08:00'),
      operated('2025-06-02', 'Procedure/p2'),
      operated('2025-06-20', 'Procedure/p3'),
      operated(null, 'Procedure/p4'),
    ),
  );
  const accepted = fc.array(
    fc.constantFrom({ about: 'Specimen/s1', code: null }, { about: 'Specimen/s2', code: null }),
  );
  const shuffled = <T>(list: T[]) => fc.shuffledSubarray(list, { minLength: list.length });
  const scene = fc.tuple(fc.tuple(...ids.map(specimen)), consents, surgeries, accepted).chain(([all, ...rest]) => {
    const [given, operations, deviations] = rest;
    const again = fc.tuple(shuffled([...all]), shuffled(given), shuffled(operations), shuffled(deviations));
    return again.map((other) => [[[...all], given, operations, deviations] as const, other] as const);
  });
  fc.assert(
    fc.property(scene, (both) => {
      const [first, second] = both.map(([specimens, given, operations, deviations]) =>
        assessSpecimens(specimens, about({ consents: given, surgeries: operations, accepted: deviations }), context),
      );
      expect(second).toEqual(first);
    }),
    { numRuns: 150 },
  );
});
