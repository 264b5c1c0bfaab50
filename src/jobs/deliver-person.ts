import type { EntryAnswer, TargetClient } from '../delivery/client.ts';
import { ownIdOf } from '../delivery/identity.ts';
import { type DeliveryRefusal, deliveryRefusal, isDeliveryRefusal, refusalOf } from '../delivery/refusal.ts';
import type { Target } from '../delivery/target.ts';
import { type ClaimStep, type Ending, settleStep, stepOf } from '../pipeline/outbox-claim.ts';
import type { Store } from '../store/store.ts';
import type { Breaker } from './breaker.ts';
import { removeDoubles } from './doubles.ts';

export interface PersonEvent {
  outcome: 'done' | 'put-off' | 'failed';
  /** Code of the last refusal; `internal` for a bug or an outage of ours, which comes with its error. */
  code: string | null;
  /** Entries that the target took. */
  sent: number;
  error?: unknown;
}

export interface PersonParts {
  store: Store;
  target: Target;
  client: TargetClient;
  claim: string;
  clock: () => number;
  /** Milliseconds until the next attempt. */
  wait: () => number;
  breaker: Breaker;
  stopping: () => boolean;
}

/**
 * After so long what was left open is sent once more: a request that a server carries out long after it was given up
 * could otherwise undo what came later, a withdrawal say.
 */
export const AGAIN_MILLISECONDS = 60 * 60_000;
/** After so long a claim ends by itself; every transaction renews it. */
export const CLAIM_MILLISECONDS = 30 * 60_000;
/** A conflict that stays for so many attempts is none that goes by itself. */
const CONFLICTS = 5;

/**
 * Delivers everything a claim is about, one transaction after another. What is transient or ambiguous, or no fault of a
 * resource, puts off all that is left of the person. What is refused for good is tried entry by entry, so that only the
 * entry at fault fails.
 */
export async function deliverPerson(parts: PersonParts): Promise<PersonEvent> {
  const { store, target, client, claim, clock, breaker } = parts;
  const instant = (milliseconds = 0) => new Date(clock() + milliseconds).toISOString();
  let sent = 0;
  let failure: string | null = null;
  /** Entries that are to go one by one. */
  let singly = 0;
  const mended = new Set<string>();

  async function putOff(refusal: DeliveryRefusal): Promise<PersonEvent> {
    const { code, lasts, scope, retryAfter } = refusal;
    if (scope === 'target' && lasts === 'permanent') breaker.down(retryAfter);
    else if (scope === 'target') breaker.failed(retryAfter);
    else breaker.worked();
    const againAt = lasts === 'ambiguous' ? instant(AGAIN_MILLISECONDS) : null;
    const notBefore = instant(retryAfter ?? parts.wait());
    await store.withTransaction((tx) => tx.study.putOffClaim(claim, notBefore, code, againAt));
    return { outcome: 'put-off', code, sent };
  }

  /** @returns what puts off the rest; null when the entry has failed, or may be tried again */
  async function refusedAlone({ entries, rows }: ClaimStep, refusal: DeliveryRefusal): Promise<DeliveryRefusal | null> {
    const [entry, row] = [entries[0]!, rows[0]!];
    const name = `${entry.type}/${entry.id}`;
    if (!mended.has(name)) {
      mended.add(name);
      const removed = await removeDoubles(client, entry, row.remote);
      if (typeof removed !== 'number') return removed;
      if (removed > 0) return null;
    }
    if (refusal.lasts === 'transient' && row.attempts + 1 < CONFLICTS) return refusal;
    failure = refusal.code;
    singly = Math.max(0, singly - 1);
    breaker.worked();
    const ending: Ending = { entry, row, done: false, code: refusal.code };
    await store.withTransaction((tx) => settleStep(tx, claim, [ending], instant()));
    return null;
  }

  for (;;) {
    if (parts.stopping()) {
      breaker.idle();
      await store.withTransaction((tx) => tx.study.putOffClaim(claim, instant(), null));
      return { outcome: 'put-off', code: null, sent };
    }
    const limit = singly > 0 ? 1 : target.entries;
    const at = { limit, at: instant(), until: instant(CLAIM_MILLISECONDS) };
    const step = await store.withTransaction((tx) => stepOf(tx, target, claim, at));
    if (step.entries.length === 0) {
      if (sent === 0) breaker.idle();
      return { outcome: failure === null ? 'done' : 'failed', code: failure, sent };
    }
    const answer = await client.send(step.entries);
    const read = isDeliveryRefusal(answer) ? answer : await endingsOf(client, step, answer);
    const endings = isDeliveryRefusal(read) ? [] : read.endings;
    const refusal = isDeliveryRefusal(read) ? read : read.refusal;
    if (endings.length > 0) {
      breaker.worked();
      sent += endings.length;
      singly = Math.max(0, singly - endings.length);
      await store.withTransaction((tx) => settleStep(tx, claim, endings, instant()));
    }
    if (refusal === null) continue;
    if (refusal.scope === 'target') return putOff(refusal);
    if (step.entries.length > 1) {
      singly = step.entries.length - endings.length;
      continue;
    }
    const rest = await refusedAlone(step, refusal);
    if (rest) return putOff(rest);
  }
}

interface Read {
  endings: Ending[];
  /** Of the entries that were not taken, the one that concerns most. */
  refusal: DeliveryRefusal | null;
}

/** What a Bundle of answers says, entry by entry. A server that keeps transactions whole never says both. */
async function endingsOf(
  client: TargetClient,
  { entries, rows }: ClaimStep,
  answers: readonly EntryAnswer[],
): Promise<Read | DeliveryRefusal> {
  const endings: Ending[] = [];
  let refusal: DeliveryRefusal | null = null;
  for (const [index, { status, remote }] of answers.entries()) {
    const [entry, row] = [entries[index]!, rows[index]!];
    if (status < 200 || status >= 300) {
      const one = refusalOf(status, false);
      if (refusal === null || one.scope === 'target') refusal = one;
      continue;
    }
    if (entry.method === 'DELETE') {
      endings.push({ entry, row, done: true, remote: null });
      continue;
    }
    const id = remote ?? (await idAt(client, entry));
    if (typeof id !== 'string') return id;
    const moved = row.remote !== null && id !== row.remote ? await madeTwice(client, entry.type, row.remote, id) : null;
    if (moved) {
      refusal ??= moved;
      continue;
    }
    endings.push({ entry, row, done: true, remote: id });
  }
  return { endings, refusal };
}

/**
 * A new id where one was known: either the old one has gone, or the server did not find it (a search that lags behind)
 * and made a second one. That one is removed, and the attempt counts as a conflict.
 */
async function madeTwice(
  client: TargetClient,
  type: string,
  known: string,
  made: string,
): Promise<DeliveryRefusal | null> {
  const there = await client.exists(type, known);
  if (typeof there !== 'boolean') return there;
  if (!there) return null;
  return (await client.remove(type, made)) ?? deliveryRefusal('conflict');
}

/** A server that does not say where it put something is asked. */
async function idAt(
  client: TargetClient,
  { type, id }: { type: string; id: string },
): Promise<string | DeliveryRefusal> {
  const found = await client.find(type, [id]);
  if (isDeliveryRefusal(found)) return found;
  return found.find((one) => ownIdOf(one) === id)?.id ?? deliveryRefusal('answer-not-fhir');
}
