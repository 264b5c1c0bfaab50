import type { Refused } from '../fhir/refusal.ts';
import { idHash } from '../identity/alias.ts';
import type { SiteKeys } from '../identity/keys.ts';
import { seal } from '../identity/vault.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { Change } from '../record/change.ts';
import type { NewQuarantineRow } from '../store/quarantine-rows.ts';
import { compareRank } from '../store/rank.ts';
import type { HospitalTables } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';
import { type Prepared, prepare, type SignedDecision } from './prepare.ts';
import { ageQuarantine, quarantineRow, withoutContent } from './quarantine.ts';
import { accepted, ignored, quarantined, type Tally } from './tally.ts';

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
 */
export async function takeIn(
  gateway: Gateway,
  named: Site | null,
  arrivals: AsyncIterable<Arrival | SetAside>,
  tally: Tally,
  setAside: (refused: Refused) => void,
  onResource: () => void = () => {},
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
    onResource();
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
  const outcomes = await gateway.store.withTransaction(async ({ hospital }) => {
    const done: (Outcome | null)[] = [];
    for (const { one, row } of unit) {
      if (row) await hospital.putQuarantined(row);
      done.push(await applyPrepared(hospital, one));
    }
    return done;
  });
  // Counted only once it is durable.
  unit.forEach(({ one }, index) => {
    const outcome = outcomes[index];
    if (one.kind === 'refused') {
      quarantined(tally, one);
      setAside(one);
    } else if (one.kind === 'passed-over') ignored(tally, one.type, one.reason);
    else if (one.kind === 'form') accepted(tally, outcome === 'not-needed' ? 'unchanged' : outcome!);
    else if (outcome === 'not-needed') ignored(tally, one.change.key.type, one.change.need.reason ?? 'not-needed');
    else accepted(tally, outcome!);
  });
}

/** Writes what was prepared, inside a transaction; null for what changes no record. */
export async function applyPrepared(hospital: HospitalTables, one: Ready): Promise<Outcome | null> {
  if (one.kind === 'change') return apply(hospital, one.change, one.keys);
  return one.kind === 'form' ? applyAll(hospital, one.changes) : null;
}

/** A form counts as one: as added or updated when any of its resources is. */
async function applyAll(
  hospital: HospitalTables,
  changes: readonly { change: Change; keys: SiteKeys }[],
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const { change, keys } of changes) outcomes.push(await apply(hospital, change, keys));
  return (['updated', 'added', 'stale'] as const).find((one) => outcomes.includes(one)) ?? 'unchanged';
}

/** What a prepared resource did to the record. */
export type Outcome = keyof Tally['changes'] | 'not-needed';

/**
 * Weighs one version against what is known of the resource: the newest wins, whatever the order of arrival. A version
 * that is not needed still counts against older ones: it is how a correction without codes takes evidence back.
 */
async function apply(hospital: HospitalTables, change: Change, keys: SiteKeys): Promise<Outcome> {
  const { key, rank, need } = change;
  if (need.reason === 'type-not-needed') return 'not-needed';
  const known = await hospital.record(key);
  const hash = idHash(keys.identifierHash, key.type, key.id);
  const dropped = known ? null : await hospital.dropped(key.site, key.type, hash);
  const order = known ? compareRank(rank, known.rank) : 1;
  if (order === 0) {
    // The same version under a dictionary that has learnt: the code leaves the list of unmapped ones.
    await hospital.putUnmapped(key, unmappedOf(change));
    return 'unchanged';
  }
  if (order < 0 || (dropped && compareRank(rank, dropped) < 0)) return need.needed || known ? 'stale' : 'not-needed';
  await hospital.putUnmapped(key, unmappedOf(change));
  if (!need.needed && !known) {
    await hospital.putDropped(key.site, key.type, hash, rank);
    return 'not-needed';
  }
  await hospital.putRecord({
    ...key,
    person: change.person ?? known?.person ?? null,
    rank,
    versionId: change.versionId,
    deleted: change.deleted,
    body: change.deleted ? null : bodyOf(change, keys),
  });
  if (key.type === 'Patient') {
    await hospital.putAliases(key.site, key.id, change.aliases);
    await hospital.putLinks(key.site, key.id, change.links);
  }
  return change.deleted ? 'deleted' : known ? 'updated' : 'added';
}

/** Identities lie in the store only under the hospital's key. */
function bodyOf({ key, body }: Change, keys: SiteKeys): string {
  const text = JSON.stringify(body());
  return key.type === 'Patient' ? seal(keys.vault, text, `${key.site}|${key.type}|${key.id}`) : text;
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
