import type { TargetClient } from '../delivery/client.ts';
import { isAsExpected, type Verified } from '../delivery/compare.ts';
import { ownIdOf } from '../delivery/identity.ts';
import { type DeliveryRefusal, isDeliveryRefusal } from '../delivery/refusal.ts';
import { expectedOf, type Standing } from '../delivery/step.ts';
import type { Target } from '../delivery/target.ts';
import type { FhirResource } from '../fhir/resource.ts';
import { fillOutbox } from '../pipeline/outbox-fill.ts';
import { standingsOf } from '../pipeline/outbox-wanted.ts';
import type { DeliveryRow } from '../store/outbox-rows.ts';
import type { Store } from '../store/store.ts';
import { removeAllButOne } from './doubles.ts';

export interface VerifyParts {
  store: Store;
  target: Target;
  client: TargetClient;
  clock: () => number;
}

/** Ids asked for in one search. */
const ASKED = 20;
const SUBJECTS = 100;

/**
 * Compares everything that we have delivered, or should have, with what the target has under our identifiers. What is
 * not as it should be waits to be delivered again. What other gateways put there is not looked at.
 */
export async function verifyTarget({ store, target, client, clock }: VerifyParts): Promise<Verified | DeliveryRefusal> {
  await fillOutbox(store, target, clock);
  const found: Verified = { equal: 0, missing: 0, different: 0, surplus: 0, double: 0, waiting: 0, failed: 0 };
  for (let after = ''; ; ) {
    const subjects = await store.read((tx) => tx.study.deliverySubjects(target.id, after, SUBJECTS));
    for (const subject of subjects) {
      const refused = await verifySubject(subject);
      if (refused) return refused;
    }
    const last = subjects.at(-1);
    if (last === undefined) return found;
    after = last;
  }

  async function verifySubject(subject: string): Promise<DeliveryRefusal | null> {
    const { rows, standings } = await store.read(async (tx) => {
      const rows = await tx.study.deliveriesOf(target.id, subject);
      return { rows, standings: await standingsOf(tx, target, rows) };
    });
    const settled: { row: DeliveryRow; standing: Standing }[] = [];
    for (const row of rows) {
      if (row.state === 'failed') found.failed++;
      else if (row.state !== 'done') found.waiting++;
      else settled.push({ row, standing: standings.find(({ type, id }) => type === row.type && id === row.id)! });
    }
    for (const type of new Set(settled.map(({ row }) => row.type))) {
      const ofType = settled.filter(({ row }) => row.type === type);
      for (let from = 0; from < ofType.length; from += ASKED) {
        const part = ofType.slice(from, from + ASKED);
        const ids = part.map(({ row }) => row.id);
        const there = await client.find(type, ids);
        if (isDeliveryRefusal(there)) return there;
        for (const { row, standing } of part) {
          const refused = await compare(
            row,
            standing.wanted?.withdrawn === true,
            expectedOf(standing, standings, target.study),
            there.filter((one) => ownIdOf(one) === row.id),
          );
          if (refused) return refused;
        }
      }
    }
    return null;
  }

  async function compare(
    row: DeliveryRow,
    withdrawn: boolean,
    expected: FhirResource | null,
    there: readonly FhirResource[],
  ): Promise<DeliveryRefusal | null> {
    if (expected && there.length > 1) {
      found.double++;
      const removed = await removeAllButOne(client, row.type, there, row.remote);
      if (typeof removed !== 'number') return removed;
    }
    const kept = there.find(({ id }) => id === row.remote) ?? there[0];
    // What was to stay with a mark, and has gone, is not sent again: consent has ended.
    const right = kept
      ? expected !== null && kept.id === row.remote && isAsExpected(expected, kept)
      : expected === null || withdrawn;
    if (right) {
      found.equal++;
      return null;
    }
    found[expected === null ? 'surplus' : kept ? 'different' : 'missing']++;
    const at = new Date(clock()).toISOString();
    await store.withTransaction(async (tx) => {
      // Whatever it was that put it there, it is there: without this a deletion would have nothing to do.
      if (kept) await tx.study.markReleased(row, at);
      await tx.study.resendDelivery(row, at);
    });
    return null;
  }
}
