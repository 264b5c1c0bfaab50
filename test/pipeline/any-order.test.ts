import fc from 'fast-check';
import { tell } from '../feed/people.ts';
import { SITE_IDS } from '../feed/sites.ts';
import { STORIES } from '../feed/stories.ts';
import { fileOf, type Parcel, parcelsOf, stale } from './delivery.ts';
import { everybodyIn, subjectsIn } from './end-state.ts';
import { openTestGateway, type Run, runOver } from './gateway.ts';

// One story of each kind is enough for its order to matter; all 300 stand in test/journeys.
const HANDFUL = { minLength: 2, maxLength: 5 };

const handful = fc
  .uniqueArray(fc.nat(STORIES.length - 1), HANDFUL)
  .map((picked) =>
    picked.map((at, number) =>
      tell(STORIES[at]!, STORIES[at]!.site ?? SITE_IDS[number % SITE_IDS.length]!, number + 1, 'any order'),
    ),
  );

/** The contents of the files of each of three runs. */
const delivery = (parcels: readonly Parcel[]): fc.Arbitrary<string[][]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...parcels, ...parcels], { minLength: parcels.length }),
      fc.subarray(parcels.flatMap((parcel) => ('resource' in parcel ? [{ resource: stale(parcel.resource) }] : []))),
      fc.array(fc.record({ length: fc.integer({ min: 1, max: 30 }), bundled: fc.boolean(), run: fc.nat(2) }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.infiniteStream(fc.nat()),
    )
    .map(([repeated, older, cuts, places]) => {
      // Everything at least once, some of it twice, and older versions anywhere.
      const sent: Parcel[] = repeated.slice();
      for (const parcel of parcels) if (!sent.includes(parcel)) insert(sent, parcel, places.next().value);
      for (const parcel of older) insert(sent, parcel, places.next().value);
      const runs: string[][] = [[], [], []];
      let at = 0;
      for (let cut = 0; at < sent.length; cut++) {
        const { length, bundled, run } = cuts[cut % cuts.length]!;
        runs[run]!.push(fileOf(sent.slice(at, at + length), bundled));
        at += length;
      }
      return runs;
    });

function insert(list: Parcel[], parcel: Parcel, place: number): void {
  list.splice(place % (list.length + 1), 0, parcel);
}

const filesOf = (files: readonly string[]) => Object.fromEntries(files.map((file, at) => [`${at}`, file]));

async function endOf(runs: readonly string[][]): Promise<Run> {
  const gateway = await openTestGateway();
  let end: Run | null = null;
  for (const files of runs) {
    end = await runOver(gateway, filesOf(files));
    expect(end.quarantine).toEqual([]);
  }
  await gateway.store.close();
  return end!;
}

test('any order, cutting, duplication and stale redelivery of a feed gives the same end state', async () => {
  const cases = handful.chain((told) => {
    const parcels = told.flatMap(parcelsOf);
    return fc.record({ told: fc.constant(told), runs: delivery(parcels) });
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ told, runs }) => {
      const ordered = await endOf([[fileOf(told.flatMap(parcelsOf), false)]]);
      const mixed = await endOf(runs);
      const merged = new Set(
        told.filter(({ person }) => person.aliases.length > 0).map(({ person }) => person.patient),
      );
      const [wanted, found] = [subjectsIn(ordered, merged), subjectsIn(mixed, merged)];
      for (const [patient, row] of found) {
        if (wanted.has(patient)) continue;
        // History decides about somebody whose evidence vanished after there was a subject; about nobody else.
        expect(row).toMatchObject({ status: 'ineligible', reason: 'evidence-retracted' });
        found.delete(patient);
      }
      expect(found).toEqual(wanted);
      expect(everybodyIn(mixed.screening)).toBe(everybodyIn(ordered.screening));
      expect(mixed.screening.unresolved).toBe(ordered.screening.unresolved);
      expect(mixed.subjects.length).toBe(mixed.rows.length);
    }),
    { numRuns: 40, seed: 20_250_601 },
  );
}, 240_000);
