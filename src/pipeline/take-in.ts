import type { Refused } from '../fhir/refusal.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { NewQuarantineRow } from '../store/quarantine-rows.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';
import { type Prepared, prepare, type SignedDecision } from './prepare.ts';
import { ageQuarantine, quarantineRow, withoutContent } from './quarantine.ts';
import { accepted, ignored, quarantined, type Tally } from './tally.ts';
import { isWritable, writeUnit } from './unit.ts';

/** Lines of a stream that become durable together. */
const UNIT = 500;
/** What was set aside is written sooner when it is long, so that it is never all held. */
const MOST_SEALED = 16 * 1024 * 1024;

/** What a unit consists of: whatever was prepared but decisions, which are weighed later. */
export type Ready = Exclude<Prepared, SignedDecision>;
type Waiting = { one: Ready; row: NewQuarantineRow | null };

/**
 * Takes a feed in: units of up to 500 resources, each prepared first and then written in one transaction.
 * @returns decisions that came with it, still to be weighed (decideAll)
 * What is refused is kept in quarantine, in the same transaction.
 * @param setAside is told of everything that was refused, in the order of the feed
 * @param onResource hears of everything that was read, before it is written
 */
export async function takeIn(
  gateway: Gateway,
  named: Site | null,
  arrivals: AsyncIterable<Arrival | SetAside>,
  tally: Tally,
  setAside: (refused: Refused) => void,
  onResource: (arrival: Arrival | SetAside, prepared: Prepared) => void = () => {},
): Promise<SignedDecision[]> {
  const decisions: SignedDecision[] = [];
  let unit: Waiting[] = [];
  let sealed = 0;
  for await (const arrival of arrivals) {
    const prepared = await prepare(gateway, named, arrival);
    if (prepared.kind === 'decision') decisions.push(prepared);
    else if (prepared.kind !== 'refused') unit.push({ one: prepared, row: null });
    else {
      const row = await quarantineRow(gateway, named, prepared);
      unit.push({ one: withoutContent(prepared), row });
      sealed += row.content?.length ?? 0;
    }
    onResource(arrival, prepared);
    if (unit.length === UNIT || sealed > MOST_SEALED) {
      await write(gateway, unit, tally, setAside);
      [unit, sealed] = [[], 0];
    }
  }
  await write(gateway, unit, tally, setAside);
  await ageQuarantine(gateway);
  return decisions;
}

async function write(
  gateway: Gateway,
  unit: Waiting[],
  tally: Tally,
  setAside: (refused: Refused) => void,
): Promise<void> {
  const writable = unit.flatMap(({ one }) => (isWritable(one) ? [one] : []));
  const written = await gateway.store.withTransaction(async (tx) => {
    for (const { row } of unit) if (row) await tx.hospital.putQuarantined(row);
    return writeUnit(tx, writable);
  });
  const outcomes = written.values();
  // Counted only once it is durable.
  for (const { one } of unit) {
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
