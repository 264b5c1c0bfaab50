import type { Refused } from '../fhir/refusal.ts';
import { identifierAlias, idHash } from '../identity/alias.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { NewQuarantineRow } from '../store/quarantine-rows.ts';
import type { Site } from '../study/site.ts';
import { type Decided, decideIn } from './decide.ts';
import { type Gateway, keysOf } from './gateway.ts';
import { type Prepared, type PreparedChange, prepare } from './prepare.ts';
import { conditionOf, type Precondition, splitToken, type Unmet } from './push-condition.ts';
import { quarantineRow, withoutContent } from './quarantine.ts';
import { isWritable, type Outcome, type UnitOutcome, type Writable, writeUnit } from './unit.ts';

/** One write of an EHR, and what must hold for it. */
export interface PushItem {
  /** As it arrived, or prepared already. */
  arrival: Arrival | SetAside | PreparedChange;
  condition: Precondition | null;
  /** The sender asks for it to become the current version: so it does, where it says nothing of its order. */
  supersedes?: boolean;
}

/** What became of one write. */
export type Pushed =
  | {
      kind: 'written';
      type: string;
      id: string;
      outcome: Outcome;
      /** Our own counter of the resource, for ETag; null where nothing is remembered of it. */
      revision: number | null;
      /** Why the study does not need it; null when it does. */
      reason: string | null;
    }
  | { kind: 'decided'; decided: Decided }
  | { kind: 'passed-over'; type: string; reason: string }
  | { kind: 'refused'; refused: Refused }
  | Unmet
  /** Well in itself, but another of the same transaction was not. */
  | { kind: 'rolled-back' };

/** Undoes a transaction of which something was refused. */
class Undone extends Error {}

/**
 * Takes in what an EHR sends at once, durable when it resolves: prepared first, then written in its order in one
 * transaction, those whom it concerns marked as to be screened, decisions weighed last. What is refused is kept in quarantine.
 * @param atomic all or nothing (a transaction Bundle): when anything is refused nothing is written, and nothing kept
 */
export async function push(
  gateway: Gateway,
  site: Site,
  items: readonly PushItem[],
  { atomic }: { atomic: boolean },
): Promise<Pushed[]> {
  const prepared: Prepared[] = [];
  const rows: NewQuarantineRow[] = [];
  for (const { arrival, supersedes } of items) {
    const one = arrival.kind === 'change' ? arrival : await prepare(gateway, site, arrival);
    prepared.push(supersedes ? afterAll(one) : one);
    if (one.kind === 'refused' && !atomic) rows.push(await quarantineRow(gateway, site, one));
  }
  const done: Pushed[] = prepared.map(told);
  if (atomic && done.some(isFailure)) return undone(done);
  const { identifierHash } = await keysOf(gateway, site.id);
  const hashes = {
    identifier: (system: string, value: string) => identifierAlias(identifierHash, system, value),
    id: (type: string, id: string) => idHash(identifierHash, type, id),
  };
  try {
    await gateway.store.withTransaction(async (tx) => {
      for (const row of rows) await tx.hospital.putQuarantined(row);
      let unit: number[] = [];
      const writeSoFar = async () => {
        const outcomes = await writeUnit(
          tx,
          unit.map((at) => prepared[at] as Writable),
        );
        for (const [index, at] of unit.entries())
          done[at] = written(prepared[at] as Writable, outcomes[index]!, items[at]!);
        unit = [];
      };
      for (const [at, { condition }] of items.entries()) {
        if (condition) {
          // It is about what stands when its turn comes: what was before it in the same Bundle counts.
          await writeSoFar();
          const unmet = await conditionOf(tx.hospital, site.id, condition, hashes);
          if (unmet && !isFailure(done[at]!)) done[at] = unmet;
        }
        if (isWritable(prepared[at]!) && done[at]!.kind === 'rolled-back') unit.push(at);
      }
      if (atomic && done.some(isFailure)) throw new Undone();
      await writeSoFar();
      for (const [at, one] of prepared.entries()) {
        if (one.kind !== 'decision' || done[at]!.kind !== 'rolled-back') continue;
        const { draft, patient } = one;
        const now = Date.parse(draft.at);
        done[at] = { kind: 'decided', decided: await decideIn(gateway, tx, { site: one.site, patient }, draft, now) };
        // Weighed by the time of its signature: today may say more.
        await tx.hospital.markPending(one.site.id, [patient]);
      }
      if (atomic && done.some(isFailure)) throw new Undone();
    });
  } catch (error) {
    if (error instanceof Undone) return undone(done);
    throw error;
  }
  return done;
}

/** Ids of the resources of a type that carry an identifier (`system|value`), for a conditional update. */
export async function idsWith(gateway: Gateway, site: Site, type: string, identifier: string): Promise<string[]> {
  const { identifierHash } = await keysOf(gateway, site.id);
  const [system, value] = splitToken(identifier);
  const alias = identifierAlias(identifierHash, system, value);
  return gateway.store.read(({ hospital }) => hospital.idsWithIdentifier(site.id, type, alias));
}

/** A version with lastUpdated or a number was ordered by its sender. */
function afterAll(one: Prepared): Prepared {
  if (one.kind !== 'change') return one;
  const { rank, deleted } = one.change;
  return rank.number === null && (rank.at === null || deleted) ? { ...one, supersedes: true } : one;
}

/** What can be said before anything is written; `rolled-back` stands for: not yet written. */
function told(prepared: Prepared): Pushed {
  if (prepared.kind === 'refused') return { kind: 'refused', refused: withoutContent(prepared) };
  if (prepared.kind === 'passed-over') return prepared;
  return { kind: 'rolled-back' };
}

export function isFailure(pushed: Pushed): boolean {
  if (pushed.kind === 'decided') return !pushed.decided.ok;
  return pushed.kind === 'refused' || (pushed.kind === 'unmet' && pushed.why !== 'exists');
}

function undone(done: readonly Pushed[]): Pushed[] {
  return done.map((one) => (isFailure(one) ? one : { kind: 'rolled-back' }));
}

function written(prepared: Writable, outcome: UnitOutcome, { arrival }: PushItem): Pushed {
  if (outcome.kind === 'change' && prepared.kind === 'change') {
    const { type, id } = outcome.key;
    const reason = outcome.outcome === 'not-needed' ? (prepared.change.need.reason ?? 'not-needed') : null;
    return { kind: 'written', type, id, outcome: outcome.outcome, revision: outcome.revision, reason };
  }
  const id = arrival.kind === 'resource' ? (arrival.resource.id ?? '') : '';
  return { kind: 'written', type: 'QuestionnaireResponse', id, outcome: outcome.outcome, revision: null, reason: null };
}
