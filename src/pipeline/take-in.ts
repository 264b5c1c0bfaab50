import type { Refused } from '../fhir/refusal.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { Site } from '../study/site.ts';
import { checkArrival } from './check.ts';
import type { Gateway } from './gateway.ts';
import { type Prepared, prepareChecked, type SignedDecision } from './prepare.ts';
import { ofStudy } from './study-fault.ts';
import { Taker, type Taking } from './taker.ts';
import type { Tally } from './tally.ts';

/** What was read, and which studies take it in, by their places among the takings; null: all of them. */
export interface Read {
  arrival: Arrival | SetAside;
  whose: readonly number[] | null;
}

/**
 * Takes a feed into one study: units of up to 500 resources, each prepared first and then written in one transaction.
 * @returns decisions that came with it, still to be weighed (decideAll)
 * @param setAside is told of everything that was refused, in the order of the feed
 */
export async function takeIn(
  gateway: Gateway,
  named: Site | null,
  arrivals: AsyncIterable<Arrival | SetAside>,
  tally: Tally,
  setAside: (refused: Refused) => void,
): Promise<SignedDecision[]> {
  const [decisions] = await takeInEach([{ gateway, tally, setAside }], named, forAll(arrivals));
  return decisions!;
}

/** Everything that was read, for all studies. */
export async function* forAll(arrivals: AsyncIterable<Arrival | SetAside>): AsyncGenerator<Read> {
  for await (const arrival of arrivals) yield { arrival, whose: null };
}

/**
 * Takes a feed into several studies: what is read is checked once, then each makes of it what is its own.
 * @returns the decisions of each study, still to be weighed
 * @param hear is told what a study, by its place, makes of an arrival, before that is written
 * @param onRead hears of everything that was read
 * @throws StudyFault when one of several stores fails; what was written before stands
 */
export async function takeInEach(
  takings: readonly Taking[],
  named: Site | null,
  reads: AsyncIterable<Read>,
  hear: (at: number, arrival: Arrival | SetAside, prepared: Prepared) => void = () => {},
  onRead: () => void = () => {},
): Promise<SignedDecision[][]> {
  const takers = takings.map((taking) => new Taker(taking, named));
  const everybody = takings.map((_, at) => at);
  for await (const { arrival, whose } of reads) {
    const checked = checkArrival(takings[0]!.gateway, named, arrival);
    for (const at of whose ?? everybody) {
      await ofStudy(takings, at, async ({ gateway }) => {
        const prepared = await prepareChecked(gateway, checked);
        hear(at, arrival, prepared);
        await takers[at]!.take(prepared);
      });
    }
    onRead();
  }
  for (const at of everybody) await ofStudy(takings, at, () => takers[at]!.end());
  return takers.map(({ decisions }) => decisions);
}
