import type { Refused } from '../fhir/refusal.ts';
import type { Arrival } from '../intake/arrival.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';
import { type Prepared, prepare, type SignedDecision } from './prepare.ts';
import { accepted, ignored, quarantined, type Tally } from './tally.ts';
import { writeUnit } from './unit.ts';

/** Lines of a stream that become durable together. */
const UNIT = 500;

/**
 * Takes a feed in: units of up to 500 resources, each prepared first and then written in one transaction.
 * @returns decisions that came with it, still to be weighed (decideAll)
 * @param setAside is told of everything that was refused, in the order of the feed
 */
export async function takeIn(
  gateway: Gateway,
  named: Site | null,
  arrivals: AsyncIterable<Arrival | Refused>,
  tally: Tally,
  setAside: (refused: Refused) => void,
  onResource: () => void = () => {},
): Promise<SignedDecision[]> {
  const decisions: SignedDecision[] = [];
  let unit: Exclude<Prepared, SignedDecision>[] = [];
  for await (const arrival of arrivals) {
    const prepared = await prepare(gateway, named, arrival);
    if (prepared.kind === 'decision') decisions.push(prepared);
    else unit.push(prepared);
    onResource();
    if (unit.length === UNIT) {
      await write(gateway, unit, tally, setAside);
      unit = [];
    }
  }
  await write(gateway, unit, tally, setAside);
  return decisions;
}

async function write(
  gateway: Gateway,
  unit: Exclude<Prepared, SignedDecision>[],
  tally: Tally,
  setAside: (refused: Refused) => void,
): Promise<void> {
  const writable = unit.filter((one) => one.kind === 'change' || one.kind === 'form');
  const outcomes = (await gateway.store.withTransaction((tx) => writeUnit(tx, writable))).values();
  // Counted only once it is durable.
  for (const one of unit) {
    if (one.kind === 'refused') {
      quarantined(tally, one);
      setAside(one);
    } else if (one.kind === 'passed-over') ignored(tally, one.type, one.reason);
    else {
      const { outcome } = outcomes.next().value!;
      if (outcome !== 'not-needed') accepted(tally, outcome);
      else if (one.kind === 'change') ignored(tally, one.change.key.type, one.change.need.reason ?? 'not-needed');
    }
  }
}
