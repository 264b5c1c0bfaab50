import fc from 'fast-check';
import { type Told, tell } from '../feed/people.ts';
import type { SiteId } from '../feed/sites.ts';
import { STORIES } from '../feed/stories.ts';
import { fileOf, type Parcel, parcelsOf, stale } from '../pipeline/delivery.ts';
import { endStateOf, expectSameEnd } from '../pipeline/end-state.ts';
import { NOW, openTestGateway, runOver } from '../pipeline/gateway.ts';
import { answersOf, PACKAGINGS, type Package, packed } from './packages.ts';
import { openReader, reading } from './reader.ts';
import { openTestService, type TestService } from './service.ts';

const HOSPITALS: readonly SiteId[] = ['ya', 'bf'];
const MERGES = STORIES.filter(({ aliases }) => aliases !== undefined);
const DELETIONS = STORIES.filter(({ deleted }) => deleted !== undefined);
/** Each of them sends one request after another, all at the same time. */
const SENDERS = 5;

/** Somebody who is merged, somebody of whom something is deleted, and others, at two hospitals. */
const people: fc.Arbitrary<Told[]> = fc
  .tuple(
    fc.constantFrom(...MERGES),
    fc.constantFrom(...DELETIONS),
    fc.uniqueArray(fc.constantFrom(...STORIES), { minLength: 1, maxLength: 4 }),
  )
  .map(([merge, deletion, others]) =>
    [merge, deletion, ...others].map((story, number) =>
      tell(story, story.site ?? HOSPITALS[number % HOSPITALS.length]!, number + 1, 'any push'),
    ),
  );

/** Whatever the hospitals send, some of it twice, with older versions, in any order, cut and packed in any way. */
const sendings = (parcels: readonly Parcel[]): fc.Arbitrary<Package[][]> => {
  const older = parcels.flatMap((parcel) => ('resource' in parcel ? [{ resource: stale(parcel.resource) }] : []));
  return fc
    .tuple(
      fc.subarray([...parcels, ...older]),
      fc.infiniteStream(fc.nat()),
      fc.array(
        fc.record({
          length: fc.integer({ min: 1, max: 20 }),
          packaging: fc.constantFrom(...PACKAGINGS),
          sender: fc.nat(SENDERS - 1),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    )
    .map(([more, places, cuts]) => {
      const sent: Parcel[] = [];
      for (const parcel of [...parcels, ...more]) sent.splice(places.next().value % (sent.length + 1), 0, parcel);
      const senders: Package[][] = Array.from({ length: SENDERS }, () => []);
      for (let at = 0, cut = 0; at < sent.length; cut++) {
        const { length, packaging, sender } = cuts[cut % cuts.length]!;
        const piece = sent.slice(at, at + length);
        for (const site of new Set(piece.map(siteOf))) {
          const own = piece.filter((parcel) => siteOf(parcel) === site);
          senders[(sender + cut) % SENDERS]!.push(...packed(site, own, packaging));
        }
        at += length;
      }
      return senders;
    });
};

const siteOf = (parcel: Parcel): SiteId =>
  'deleted' in parcel ? parcel.site : (/^https:\/\/(\w+)\./.exec(parcel.resource.meta!.source!)![1] as SiteId);

async function send(service: TestService, one: Package): Promise<void> {
  const { site, method, path, body, type } = one;
  const asked = await service.ask(method, path, body, { site, headers: body ? { 'content-type': type } : {} });
  const answers = answersOf(one, asked.status, asked.headers.get('etag'), asked.text);
  expect(answers.map(({ status }) => status).filter((status) => status >= 300)).toEqual([]);
  expect(answers).toHaveLength(one.parcels.length);
}

test('a feed that is pushed, in any order and packaging, repeated, with stale versions and by several senders at once, ends as the ordered feed by files', async () => {
  const ahead = await reading(await openReader());
  const cases = people.chain((told) =>
    fc.record({ told: fc.constant(told), senders: sendings(told.flatMap(parcelsOf)), threaded: fc.boolean() }),
  );
  await fc
    .assert(
      fc.asyncProperty(cases, async ({ told, senders, threaded }) => {
        const merged = new Set(
          told.filter(({ person }) => person.aliases.length > 0).map(({ person }) => person.patient),
        );
        const filed = await openTestGateway(':memory:', { research: true });
        const service = await openTestService({ research: true, ...(threaded ? { ahead } : {}) });
        try {
          await runOver(filed, { feed: fileOf(told.flatMap(parcelsOf), false) });
          await Promise.all(
            senders.map(async (packages) => {
              for (const one of packages) await send(service, one);
            }),
          );
          await service.screening.settled();
          expect(await service.gateway.store.read(({ hospital }) => hospital.openQuarantine({}))).toEqual([]);
          const [found, ordered] = [
            await endStateOf(service.gateway, NOW, merged),
            await endStateOf(filed, NOW, merged),
          ];
          expectSameEnd(found, ordered);
          expect(service.faults).toEqual([]);
        } finally {
          await service.close();
          await filed.store.close();
        }
      }),
      { numRuns: 16, seed: 20_250_601 },
    )
    .finally(() => ahead.close());
}, 300_000);
