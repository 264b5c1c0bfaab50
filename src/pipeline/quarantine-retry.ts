import { arrivalsAgain } from '../intake/again.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { NewQuarantineRow, QuarantineListed, QuarantineRow } from '../store/quarantine-rows.ts';
import type { Transaction } from '../store/store.ts';
import type { Gateway } from './gateway.ts';
import { prepare, type SignedDecision } from './prepare.ts';
import { contentOfRow, quarantineRow } from './quarantine.ts';
import type { Ready } from './taker.ts';
import { isWritable, writeUnit } from './unit.ts';

/**
 * What came of one row: `resolved` now, or `resolved-before`; `refused` again; or not tried, because there is no content
 * (`not-kept`), because it is a decision (`decision`), because its hospital is none of the study any more (`site-gone`),
 * or because there is no such row (`unknown`).
 */
export interface Retried {
  id: string;
  outcome: 'resolved' | 'resolved-before' | 'refused' | Untried;
  /** Of what is still refused. */
  refusal: Refusal | null;
}

type Refusal = Pick<QuarantineRow, 'reason' | 'expression' | 'message'>;
type Untried = 'not-kept' | 'decision' | 'site-gone' | 'unknown';

/** Whether trying a row again can come to anything: a decision is signed anew, and without content there is nothing. */
export function canBeRetried({ state, reason, withheld }: QuarantineListed): boolean {
  return state === 'open' && reason !== 'decision-refused' && withheld === null;
}

/** Rows in one transaction. */
const BATCH = 50;

/**
 * Tries again what was set aside: each goes through everything that it would go through if it arrived now, and counts as
 * what it is, so that a newer version that came meanwhile stands. Rows that are taken in are resolved, and rows that are
 * not count an attempt, in the same transaction, with an audit row each. Those resolved before are left as they are.
 * Nobody is screened: that is for the caller, once for all.
 * @param ids each once; others are passed over
 */
export async function retryQuarantine(gateway: Gateway, ids: readonly string[]): Promise<Retried[]> {
  const done: Retried[] = [];
  const each = [...new Set(ids)];
  for (let from = 0; from < each.length; from += BATCH) {
    const batch = each.slice(from, from + BATCH);
    const tries: (Try | Retried)[] = [];
    for (const id of batch) {
      const row = await gateway.store.withTransaction(({ hospital }) => hospital.quarantined(id));
      tries.push(await tryOf(gateway, id, row));
    }
    const at = new Date(gateway.clock()).toISOString();
    const written = await gateway.store.withTransaction(async (tx) => {
      const results: Retried[] = [];
      for (const one of tries) results.push('outcome' in one ? one : await settle(gateway, tx, one, at));
      return results;
    });
    done.push(...written);
  }
  return done;
}

/** Everything of one row, prepared. */
interface Try {
  row: QuarantineRow;
  ready: Ready[];
  refused: SetAside[];
  /** Rows of their own for what is refused of a Bundle that is otherwise taken in. */
  aside: NewQuarantineRow[];
}

async function tryOf(gateway: Gateway, id: string, row: QuarantineRow | null): Promise<Try | Retried> {
  const not = (outcome: Untried | 'resolved-before'): Retried => {
    const refusal = row?.state === 'open' ? refusalOf(row) : null;
    return { id, outcome, refusal };
  };
  if (!row) return not('unknown');
  if (row.state === 'resolved') return not('resolved-before');
  if (row.reason === 'decision-refused') return not('decision');
  if (row.content === null) return not('not-kept');
  const site = gateway.sites.get(row.site!);
  if (!site) return not('site-gone');
  const content = await contentOfRow(gateway, row);
  const { file, line, entry } = row;
  const all: Ready[] = [];
  for (const arrival of arrivalsAgain(content!, { file, line, entry })) {
    const prepared = await prepare(gateway, site, asOfThen(arrival, row.at));
    all.push(prepared.kind === 'decision' ? signAnew(prepared) : prepared);
  }
  const refused = all.flatMap((one) => (one.kind === 'refused' ? [one] : []));
  const aside: NewQuarantineRow[] = [];
  if (refused.length < all.length) {
    for (const one of refused) aside.push(await quarantineRow(gateway, site, one));
  }
  return { row, ready: all.filter(({ kind }) => kind !== 'refused'), refused, aside };
}

async function settle(gateway: Gateway, tx: Transaction, attempt: Try, at: string): Promise<Retried> {
  const { id } = attempt.row;
  const { hospital } = tx;
  // Another run may have been first.
  const now = await hospital.quarantined(id);
  if (now?.state !== 'open') return { id, outcome: now ? 'resolved-before' : 'unknown', refusal: null };
  const [first] = attempt.refused;
  const audit = (detail: string) =>
    tx.addAudit({ at, actor: gateway.actor, action: 'quarantine-retried', object: id, detail });
  if (first && attempt.ready.length === 0) {
    const refusal = refusalOf(first);
    await hospital.refuseQuarantined(id, refusal);
    await audit(`refused ${refusal.reason}`);
    return { id, outcome: 'refused', refusal };
  }
  await writeUnit(tx, attempt.ready.filter(isWritable));
  for (const row of attempt.aside) await hospital.putQuarantined(row);
  await hospital.resolveQuarantined(id, at);
  await audit('resolved');
  return { id, outcome: 'resolved', refusal: null };
}

/** A deletion that does not say when counts from when it came, not from now: what came after it stands. */
function asOfThen(arrival: Arrival | SetAside, at: string): Arrival | SetAside {
  return arrival.kind === 'deletion' && arrival.at === null ? { ...arrival, at } : arrival;
}

function signAnew({ place, content }: SignedDecision): SetAside {
  const message =
    'A decision counts on the state it was signed on, which may be gone: look at the present one and sign again.';
  return { kind: 'refused', place, reason: 'decision-refused', expression: 'Task', message, content };
}

function refusalOf({ reason, expression, message }: Refusal): Refusal {
  return { reason, expression, message };
}
