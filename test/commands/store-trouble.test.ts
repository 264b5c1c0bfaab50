import { DatabaseSync } from 'node:sqlite';
import { registerParts } from '../../src/commands/readiness.ts';
import { watchedStore } from '../../src/commands/store-trouble.ts';
import { createHealth } from '../../src/operations/health.ts';
import { openTestGateway } from '../pipeline/gateway.ts';

/** What SQLite says when the disk is full. */
function full(): unknown {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE t (x)');
  db.exec('PRAGMA max_page_count = 2');
  try {
    db.exec('INSERT INTO t SELECT zeroblob(100000)');
    throw new Error('The disk was not full.');
  } catch (error) {
    return error;
  } finally {
    db.close();
  }
}

const refusals: [string, unknown, boolean][] = [
  ['a full disk', full(), true],
  ['the others of a transaction on a full disk', new Error('x', { cause: full() }), true],
  ['a log that does not reach the disk', new Error('x', { cause: Object.assign(new Error(), { code: 'EIO' }) }), true],
  ['a bug', new TypeError('x'), false],
  ['a constraint', Object.assign(new Error(), { code: 'ERR_SQLITE_ERROR', errcode: 19 }), false],
];

test.each(refusals)('%s', async (_, refusal, isTold) => {
  const opened = await openTestGateway();
  let now = 0;
  const { store, trouble } = watchedStore(opened.store, () => now);
  const health = createHealth(10_000);
  registerParts(health, { ...opened, store }, new AbortController().signal, trouble);
  const ready = async () => (await health.report()).parts.store;
  expect(await ready()).toEqual({ ready: true });
  await expect(store.withTransaction(() => Promise.reject(refusal))).rejects.toBe(refusal);
  expect(await ready()).toEqual(isTold ? { ready: false, code: 'disk-refuses' } : { ready: true });
  now = 10_000;
  expect(await ready()).toEqual({ ready: true });
  await opened.store.close();
});
