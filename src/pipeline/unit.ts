import type { ResourceKey } from '../fhir/resource.ts';
import { idHash } from '../identity/alias.ts';
import type { SiteKeys } from '../identity/keys.ts';
import { seal } from '../identity/vault.ts';
import type { Change } from '../record/change.ts';
import { compareRank, rankAfter } from '../store/rank.ts';
import type { HospitalTables, Transaction } from '../store/store.ts';
import { concernedBy } from './concerned.ts';
import { type Made, Unmade } from './made.ts';
import { relatedPersonsIn } from './person.ts';
import type { Prepared, PreparedChange } from './prepare.ts';

/** What is ready to be written. */
export type Writable = Extract<Prepared, { kind: 'change' | 'form' }>;

/** Whether it changes a record; whatever else was prepared is counted, set aside or weighed. */
export function isWritable(prepared: Prepared): prepared is Writable {
  return prepared.kind === 'change' || prepared.kind === 'form';
}

export type Outcome = 'added' | 'updated' | 'unchanged' | 'stale' | 'deleted' | 'not-needed';

/** What became of one version of one resource. */
export interface Written {
  outcome: Outcome;
  key: ResourceKey;
  /**
   * Our own counter of the resource as it stands now, for ETag: 1 at first, one more with every version that took the
   * place of another, deletions too. Null when nothing is remembered of resources of the type.
   */
  revision: number | null;
}

/** A form counts as one: as updated or added when any of its resources is. */
export type UnitOutcome =
  | ({ kind: 'change' } & Written)
  | { kind: 'form'; outcome: Exclude<Outcome, 'deleted' | 'not-needed'>; written: Written[] };

type Marks = Map<string, Set<string>>;

/**
 * Writes what was prepared, in its order, and marks everybody whom it concerns as to be screened. What a unit is, the
 * caller decides by what it puts into one transaction.
 * @returns as many outcomes as were given, in the same order; they hold once the transaction is committed
 */
export async function writeUnit({ hospital }: Transaction, unit: readonly Writable[]): Promise<UnitOutcome[]> {
  const marks: Marks = new Map();
  const outcomes: UnitOutcome[] = [];
  for (const one of unit) {
    if (one.kind === 'change') {
      outcomes.push({ kind: 'change', ...(await apply(hospital, one, marks)) });
      continue;
    }
    const written: Written[] = [];
    for (const change of one.changes) written.push(await apply(hospital, change, marks));
    const happened = written.map(({ outcome }) => outcome);
    const outcome = (['updated', 'added', 'stale'] as const).find((each) => happened.includes(each)) ?? 'unchanged';
    outcomes.push({ kind: 'form', outcome, written });
  }
  for (const [site, persons] of marks) await hospital.markPending(site, [...persons]);
  return outcomes;
}

/**
 * Weighs one version against what is known of the resource: the newest wins, whatever the order of arrival. A version
 * that is not needed still counts against older ones: it is how a correction without codes takes evidence back.
 */
async function apply(
  hospital: HospitalTables,
  { change, keys, made, supersedes }: Pick<PreparedChange, 'change' | 'keys' | 'made' | 'supersedes'>,
  marks: Marks,
): Promise<Written> {
  const { key, need } = change;
  if (need.reason === 'type-not-needed') return { outcome: 'not-needed', key, revision: null };
  const known = await hospital.record(key);
  const hash = made?.idHash ?? idHash(keys.identifierHash, key.type, key.id);
  const dropped = known ? null : await hospital.dropped(key.site, key.type, hash);
  const before = known ?? dropped;
  const rank = supersedes && before ? rankAfter(change.rank, before.rank) : change.rank;
  const order = before ? compareRank(rank, before.rank) : 1;
  const revision = (before?.revision ?? 0) + (order > 0 ? 1 : 0);
  if (order < 0) return { outcome: need.needed || known ? 'stale' : 'not-needed', key, revision };
  // Also of the same version, under a dictionary that has learnt: the code leaves the list of unmapped ones.
  if (before || need.unmapped.length > 0) await hospital.putUnmapped(key, unmappedOf(change));
  if (known && order === 0) return { outcome: 'unchanged', key, revision };
  if (!need.needed && !known) {
    await hospital.putDropped(key.site, key.type, hash, { rank, revision });
    return { outcome: 'not-needed', key, revision };
  }
  const person = change.person ?? known?.person ?? null;
  const { versionId, deleted } = change;
  const text = deleted ? null : made ? textMade(made) : JSON.stringify(change.body());
  const put = async () => {
    const body = text && sealed(key, text, keys);
    await hospital.putRecord({ ...key, person, rank, versionId, deleted, body, revision });
    const identifiers = deleted ? [] : (made?.identifiers ?? change.identifiers());
    if (known || identifiers.length > 0) await hospital.putIdentifiers(key, identifiers);
    if (key.type === 'Consent') await hospital.putMentions(key, text ? relatedPersonsIn(JSON.parse(text)) : []);
    if (key.type === 'Patient') {
      await hospital.putAliases(key.site, key.id, change.aliases);
      await hospital.putLinks(key.site, key.id, change.links);
    }
  };
  const persons = marks.get(key.site) ?? new Set();
  marks.set(key.site, persons);
  for (const one of await concernedBy(hospital, { change, known, person }, put)) persons.add(one);
  return { outcome: deleted ? 'deleted' : known ? 'updated' : 'added', key, revision };
}

function textMade({ text }: Made): string {
  if (text === null) throw new Unmade();
  return text;
}

/** Identities lie in the store only under the hospital's key. */
function sealed({ site, type, id }: ResourceKey, text: string, keys: SiteKeys): string {
  return type === 'Patient' ? seal(keys.vault, text, `${site}|${type}|${id}`) : text;
}

function unmappedOf({ key, person, need }: Change) {
  return need.unmapped.map(({ system, code, text }) => ({
    ...key,
    person,
    system,
    code,
    text,
    alsoCoded: need.alsoCoded,
  }));
}
