// How many durable transactions of one row the store makes beside bare commits of such a row in SQLite, with one sender
// (each waits for its answer before it sends the next) and with several at once: what group commit is worth.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import type { RecordRow, Store } from '../src/store/store.ts';
import { ratios, spread, timed } from './rounds.ts';

const ROUNDS = 9;
const COMMITS = 400;
const SENDERS = [1, 2, 8, 32];

const folder = await mkdtemp(join(tmpdir(), 'bench-commit-'));
const bare = new DatabaseSync(join(folder, 'bare.sqlite'));
bare.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
bare.exec('CREATE TABLE record (id TEXT PRIMARY KEY, body TEXT) STRICT');
const store = await openSqliteStore(join(folder, 'store.sqlite'));
const BODY = JSON.stringify({ resourceType: 'Observation', filler: 'x'.repeat(600) });
let count = 0;

try {
  const variants: Record<string, () => unknown> = { 'bare commit': () => commitBare(bare) };
  for (const senders of SENDERS) variants[`store, ${senders} at once`] = () => send(store, senders);
  const [reference, ...measured] = await timed(variants, ROUNDS);
  const perSecond = (rounds: readonly number[]) => rounds.map((ms) => (COMMITS * 1000) / ms);
  console.log(`bare commits a second: ${spread(perSecond(reference!.rounds), 0)}`);
  for (const one of measured) {
    const [toBare, toOne] = [ratios(reference!, one), ratios(measured[0]!, one)];
    console.log(`${one.name}: ${spread(toBare)} × bare commits, ${spread(toOne)} × one sender`);
  }
  console.log(`Medians of ${ROUNDS} rounds of ${COMMITS}, with the least and the greatest.`);
} finally {
  await store.close();
  bare.close();
  await rm(folder, { recursive: true });
}

function commitBare(db: DatabaseSync): void {
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const insert = db.prepare('INSERT INTO record VALUES (?, ?)');
  for (let n = 0; n < COMMITS; n++) {
    begin.run();
    insert.run(`o${count++}`, BODY);
    commit.run();
  }
}

async function send(to: Store, senders: number): Promise<void> {
  const one = async () => {
    for (let n = 0; n < COMMITS / senders; n++) await to.withTransaction((tx) => tx.hospital.putRecord(rowOf(count++)));
  };
  await Promise.all(Array.from({ length: senders }, one));
}

function rowOf(number: number): RecordRow {
  const rank = { at: null, number, hash: 'aa' };
  const key = { site: 'ya', type: 'Observation', id: `o${number}` };
  return { ...key, person: `p${number % 1000}`, rank, versionId: '1', deleted: false, body: BODY, revision: 1 };
}
