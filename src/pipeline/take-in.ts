import type { Refused } from '../fhir/refusal.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { Site } from '../study/site.ts';
import { checkArrival } from './check.ts';
import type { Gateway } from './gateway.ts';
import { type Prepared, prepareChecked, type SignedDecision } from './prepare.ts';
import { faultOf, ofStudy } from './study-fault.ts';
import { Taker, type Taking } from './taker.ts';
import type { Tally } from './tally.ts';

/** Which studies take in what was read last, by their places among the takings; null: all of them. */
export type Whose = readonly number[] | null;

/** What else may be asked, and told, while a feed is taken in. */
export interface TakingIn {
  /** Asked of each arrival when it has come. */
  whose?: () => Whose;
  /** Told what a study, by its place, makes of an arrival, before that is written. */
  hear?: (at: number, arrival: Arrival | SetAside, prepared: Prepared) => void;
  /** Hears of everything that was read. */
  onRead?: (() => void) | undefined;
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
  const [decisions] = await takeInEach([{ gateway, tally, setAside }], named, arrivals);
  return decisions!;
}

/**
 * Takes a feed into several studies: what is read is checked once, then each makes of it what is its own.
 * @returns the decisions of each study, still to be weighed
 * @throws StudyFault when one of several stores fails; what was written before stands
 */
export async function takeInEach(
  takings: readonly Taking[],
  named: Site | null,
  arrivals: AsyncIterable<Arrival | SetAside>,
  { whose = () => null, hear, onRead }: TakingIn = {},
): Promise<SignedDecision[][]> {
  const takers = takings.map((taking) => new Taker(taking, named));
  const everybody = takings.map((_, at) => at);
  for await (const arrival of arrivals) {
    const checked = checkArrival(takings[0]!.gateway, named, arrival, takings.length > 1);
    for (const at of whose() ?? everybody) {
      try {
        const prepared = await prepareChecked(takings[at]!.gateway, checked);
        hear?.(at, arrival, prepared);
        const writing = takers[at]!.take(prepared);
        if (writing) await writing;
      } catch (error) {
        throw faultOf(takings, at, error);
      }
    }
    onRead?.();
  }
  for (const at of everybody) await ofStudy(takings, at, () => takers[at]!.end());
  return takers.map(({ decisions }) => decisions);
}
