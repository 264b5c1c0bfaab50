import type { TargetClient } from '../delivery/client.ts';
import type { Target } from '../delivery/target.ts';
import { fillOutbox } from '../pipeline/outbox-fill.ts';
import type { Store } from '../store/store.ts';
import { backOff } from './back-off.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { AGAIN_MILLISECONDS, CLAIM_MILLISECONDS, deliverPerson, type PersonEvent } from './deliver-person.ts';
import type { Runner } from './runner-loop.ts';

/** What became of one person's resources at one target, for logs and metrics: codes only. */
export interface DeliveryEvent extends PersonEvent {
  target: string;
}

export interface DelivererParts {
  store: Store;
  targets: readonly { target: Target; client: TargetClient }[];
  clock: () => number;
  /** From 0 to 1. */
  random: () => number;
  /** Never the same twice. */
  newId: () => string;
  told: (event: DeliveryEvent) => void;
}

/**
 * Delivers what the outbox holds. A person is claimed as a whole, so that what concerns them arrives in order; one that
 * dies between sending and writing down leaves the claim, and what it had sent is sent again, which changes nothing.
 * Target goes beside target and people side by side; a piece is a person. To recover notes what is lacking, too.
 */
export function createDeliverer({ store, targets, clock, random, newId, told }: DelivererParts): Runner {
  let stopping = false;
  const running = new Set<Promise<unknown>>();
  const breakers = new Map(targets.map(({ target }) => [target.id, createBreaker(clock, random)]));
  const instant = (at: number) => new Date(at).toISOString();

  /** @returns whether there was anybody */
  async function one(target: Target, client: TargetClient, breaker: Breaker): Promise<boolean> {
    const claim = newId();
    const now = clock();
    const rows = await store.withTransaction((tx) =>
      tx.study.claimDeliveries(target.id, claim, instant(now), instant(now + CLAIM_MILLISECONDS)),
    );
    if (rows.length === 0) {
      breaker.idle();
      return false;
    }
    const attempts = Math.max(...rows.map((row) => row.attempts)) + 1;
    const wait = () => backOff(attempts, random());
    try {
      const event = await deliverPerson({
        store,
        target,
        client,
        claim,
        clock,
        wait,
        breaker,
        stopping: () => stopping,
      });
      if (event.sent > 0 || event.code !== null) told({ target: target.id, ...event });
    } catch (error) {
      breaker.idle();
      told({ target: target.id, outcome: 'put-off', code: 'internal', sent: 0, error });
      const notBefore = instant(clock() + wait());
      await store.withTransaction((tx) => tx.study.putOffClaim(claim, notBefore, 'internal'));
    }
    return true;
  }

  async function worker(target: Target, client: TargetClient, breaker: Breaker): Promise<number> {
    let done = 0;
    while (!stopping && breaker.mayAsk() && (await one(target, client, breaker))) done++;
    return done;
  }

  async function drainAll(): Promise<number> {
    const workers = targets.flatMap(({ target, client }) =>
      Array.from({ length: target.parallel }, () => worker(target, client, breakers.get(target.id)!)),
    );
    return (await Promise.all(workers)).reduce((sum, count) => sum + count, 0);
  }

  return {
    async recover() {
      let released = 0;
      const now = clock();
      for (const { target } of targets) {
        released += await store.withTransaction((tx) =>
          tx.study.releaseClaims(target.id, instant(now), instant(now + AGAIN_MILLISECONDS)),
        );
        await fillOutbox(store, target, clock);
      }
      return released;
    },
    async drain() {
      const drained = drainAll();
      running.add(drained);
      return drained.finally(() => running.delete(drained));
    },
    async stop() {
      stopping = true;
      await Promise.allSettled(running);
    },
  };
}
