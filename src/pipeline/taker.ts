import type { Refused } from '../fhir/refusal.ts';
import type { SetAside } from '../intake/arrival.ts';
import type { NewQuarantineRow } from '../store/quarantine-rows.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';
import type { Prepared, SignedDecision } from './prepare.ts';
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

/** One study of a run over a feed: where it is taken in, how that is counted, who hears of what is refused. */
export interface Taking {
  gateway: Gateway;
  tally: Tally;
  /** Told of everything that was refused, in the order of the feed. */
  setAside: (refused: Refused) => void;
}

/**
 * Writes what one study makes of a feed into its store: units of up to 500 resources, one transaction each. What is
 * refused is kept in quarantine, in the same transaction.
 */
export class Taker {
  /** Still to be weighed (decideAll). */
  readonly decisions: SignedDecision[] = [];
  #taking: Taking;
  #named: Site | null;
  #unit: Waiting[] = [];
  #sealed = 0;

  constructor(taking: Taking, named: Site | null) {
    this.#taking = taking;
    this.#named = named;
  }

  /** @returns what is to be waited for before the next is taken; null where there is nothing */
  take(prepared: Prepared): Promise<void> | null {
    if (prepared.kind === 'refused') return this.#refused(prepared);
    if (prepared.kind === 'decision') this.decisions.push(prepared);
    else this.#unit.push({ one: prepared, row: null });
    return this.#unit.length === UNIT ? this.#write() : null;
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    await this.#write();
    await ageQuarantine(this.#taking.gateway);
  }

  async #refused(refused: SetAside): Promise<void> {
    const row = await quarantineRow(this.#taking.gateway, this.#named, refused);
    this.#unit.push({ one: withoutContent(refused), row });
    this.#sealed += row.content?.length ?? 0;
    if (this.#unit.length === UNIT || this.#sealed > MOST_SEALED) await this.#write();
  }

  async #write(): Promise<void> {
    const { gateway, tally, setAside } = this.#taking;
    const unit = this.#unit;
    [this.#unit, this.#sealed] = [[], 0];
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
}
