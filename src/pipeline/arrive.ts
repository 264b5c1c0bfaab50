import type { Refused } from '../fhir/refusal.ts';
import type { Arrival } from '../intake/arrival.ts';
import type { Site } from '../study/site.ts';
import { decideAll } from './decide.ts';
import type { Gateway } from './gateway.ts';
import { takeIn } from './take-in.ts';
import { emptyTally, type Tally } from './tally.ts';

/** Takes in what came from one site; durable when it resolves. */
export type Arrive = (site: Site, arrivals: Iterable<Arrival | Refused>) => Promise<Tally>;

/**
 * The write path for what comes piece by piece: takes in, then weighs the decisions among it. It screens nobody.
 * @param setAside is told of everything that was refused
 */
export function arriveInto(gateway: Gateway, setAside: (refused: Refused) => void): Arrive {
  return async (site, arrivals) => {
    const tally = emptyTally();
    const decisions = await takeIn(gateway, site, each(arrivals), tally, setAside);
    await decideAll(gateway, decisions, tally, setAside);
    return tally;
  };
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
