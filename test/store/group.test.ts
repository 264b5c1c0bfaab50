import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Durability, NOT_DURABLE, walDurability } from '../../src/store/sqlite/durability.ts';
import { groupCommit } from '../../src/store/sqlite/group.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { transactionalStore } from '../../src/store/sqlite/transaction.ts';
import type { Store } from '../../src/store/store.ts';

let folder: string;
let db: DatabaseSync;
let store: Store;
/** A second connection: it sees what is committed, and nothing else. */
let beside: DatabaseSync;

function openStore(
  limits = { works: 64, milliseconds: 20 },
  clock = () => 0,
  durabilityOf: (file: string) => Durability = () => NOT_DURABLE,
): void {
  folder = mkdtempSync(join(tmpdir(), 'group-'));
  const file = join(folder, 'store.db');
  db = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  db.exec('PRAGMA journal_mode = WAL');
  migrate(db);
  const durability = durabilityOf(file);
  store = transactionalStore(
    db,
    new DatabaseSync(file, { readOnly: true }),
    durability,
    groupCommit(db, durability, limits, clock),
  );
  beside = new DatabaseSync(file, { readOnly: true });
}

afterEach(async () => {
  await store.close();
  beside.close();
  rmSync(folder, { recursive: true });
});

const committed = () =>
  beside
    .prepare('SELECT name FROM setting ORDER BY name')
    .all()
    .map((row) => row.name);

/** Puts one setting each, all begun together; what each got, and what was committed when it was told. */
function putAll(names: readonly string[]): Promise<{ told: string; committed: unknown[] }[]> {
  return Promise.all(
    names.map(async (name) => {
      const told = await store
        .withTransaction((tx) => tx.putSetting(name, name))
        .then(
          () => 'kept',
          (error: Error) => error.message,
        );
      return { told, committed: committed() };
    }),
  );
}

test('none is told before it is durable, and those begun together are durable together', async () => {
  openStore();
  const all = await putAll(['a', 'b', 'c']);
  expect(all).toEqual(all.map(() => ({ told: 'kept', committed: ['a', 'b', 'c'] })));
});

test('one that throws is told so only after the commit of those before it', async () => {
  openStore();
  const first = store.withTransaction((tx) => tx.putSetting('a', 'a'));
  const second = store.withTransaction(async (tx) => {
    throw new Error(`not on ${await tx.setting('a')}`);
  });
  const told = await second.catch((error: Error) => [error.message, committed()]);
  expect(told).toEqual(['not on a', ['a']]);
  await first;
});

test('a group ends after so many works, and the rest follows in the next', async () => {
  openStore({ works: 2, milliseconds: 20 });
  const all = await putAll(['a', 'b', 'c', 'd', 'e']);
  expect(all.map((one) => one.committed.length)).toEqual([2, 2, 4, 4, 5]);
});

test('a group ends once its time is over, and the rest follows in order', async () => {
  let at = 0;
  openStore({ works: 4, milliseconds: 20 }, () => {
    at += 10;
    return at;
  });
  const all = await putAll(['a', 'b', 'c', 'd', 'e']);
  expect(all.map((one) => one.committed.join(''))).toEqual(['ab', 'ab', 'abcd', 'abcd', 'abcde']);
});

describe('when SQLite rolls the whole transaction back', () => {
  const whole = /^The database rolled the whole transaction back/;

  beforeEach(() => {
    openStore();
    db.exec(`CREATE TEMP TRIGGER bad BEFORE INSERT ON main.setting WHEN NEW.name = 'bad'
             BEGIN SELECT RAISE(ROLLBACK, 'whole'); END`);
  });

  test('every work of the group rejects, those before and after too; the next group goes on', async () => {
    const all = await putAll(['a', 'bad', 'c']);
    expect(all.map((one) => one.told)).toEqual([expect.stringMatching(whole), 'whole', expect.stringMatching(whole)]);
    expect(committed()).toEqual([]);
    expect((await putAll(['d', 'e'])).map((one) => one.told)).toEqual(['kept', 'kept']);
    expect(committed()).toEqual(['d', 'e']);
  });

  test.each([
    ['alone', []],
    ['with others', ['a']],
  ])('one that does not notice writes nothing afterwards, and rejects: %s', async (_, others) => {
    const before = putAll(others);
    const unaware = store.withTransaction(async (tx) => {
      await tx.putSetting('bad', '1').catch(() => {});
      await tx.putSetting('late', '1').catch(() => {});
    });
    await expect(unaware).rejects.toThrow();
    for (const { told } of await before) expect(told).toMatch(whole);
    expect(committed()).toEqual([]);
    expect((await putAll(['d']))[0]!.told).toBe('kept');
  });
});

test('a full disk: what was told as kept is there, and nothing else', async () => {
  openStore({ works: 3, milliseconds: 20 });
  const { page_count } = db.prepare('PRAGMA page_count').get() as { page_count: number };
  db.exec(`PRAGMA max_page_count = ${page_count + 8}`);
  const names = Array.from({ length: 12 }, (_, number) => `k${String(number).padStart(2, '0')}`);
  const big = 'x'.repeat(9_000);
  const results = await Promise.allSettled(
    names.map((name) => store.withTransaction((tx) => tx.putSetting(name, name + big))),
  );
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
  expect(committed()).toEqual(names.filter((_, at) => results[at]!.status === 'fulfilled'));
  db.exec('PRAGMA max_page_count = 100000');
  expect((await putAll(['z']))[0]!.told).toBe('kept');
});

test('when the commit fails, all reject, also one that had thrown; the next group goes on', async () => {
  openStore();
  db.exec(`CREATE TABLE study_a (id TEXT PRIMARY KEY);
           CREATE TABLE study_b (id TEXT REFERENCES study_a DEFERRABLE INITIALLY DEFERRED);
           CREATE TRIGGER bad AFTER INSERT ON setting WHEN NEW.name = 'bad' BEGIN INSERT INTO study_b VALUES ('none'); END`);
  const thrown = store.withTransaction(async () => {
    throw new Error('own');
  });
  const all = putAll(['a', 'bad', 'c']);
  await expect(thrown).rejects.toThrow('FOREIGN KEY');
  expect((await all).map((one) => one.told)).toEqual(Array(3).fill('FOREIGN KEY constraint failed'));
  expect((await putAll(['bad']))[0]!.told).toBe('FOREIGN KEY constraint failed');
  expect(committed()).toEqual([]);
  expect((await putAll(['d', 'e'])).map((one) => one.told)).toEqual(['kept', 'kept']);
});

test('when no transaction can begin, all reject and nothing of them runs', async () => {
  openStore();
  let ran = 0;
  db.exec('BEGIN');
  const results = await Promise.allSettled([1, 2].map(() => store.withTransaction(async () => ran++)));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(ran).toBe(0);
});

describe('the disk', () => {
  /** Calls to the disk, each answered by hand. */
  let calls: { resolve: () => void; reject: (error: Error) => void }[];
  const openSlow = () => {
    calls = [];
    openStore(undefined, undefined, (file) =>
      walDurability(file, () => new Promise((resolve, reject) => calls.push({ resolve, reject }))),
    );
  };
  const turns = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
  };
  const toldOf = (work: Promise<unknown>) => {
    const told = { as: 'nothing' };
    work.then(
      () => {
        told.as = 'kept';
      },
      (error: Error) => {
        told.as = error.message;
      },
    );
    return told;
  };
  const put = (name: string) => store.withTransaction((tx) => tx.putSetting(name, name));

  test('nobody is told before the disk has it, neither writers nor readers nor who fails; others go on meanwhile', async () => {
    openSlow();
    const first = toldOf(put('a'));
    await turns();
    const second = toldOf(put('b'));
    const failing = toldOf(
      store.withTransaction(async (tx) => {
        throw new Error(`saw ${await tx.setting('a')}`);
      }),
    );
    const reading = toldOf(store.read((tx) => tx.setting('b')));
    await turns();
    expect([first.as, second.as, failing.as, reading.as]).toEqual(['nothing', 'nothing', 'nothing', 'nothing']);
    expect([committed(), calls.length]).toEqual([['a', 'b'], 1]);
    calls[0]!.resolve();
    await turns();
    // What began before the second commit says nothing of it.
    expect([first.as, second.as, failing.as, reading.as]).toEqual(['kept', 'nothing', 'nothing', 'nothing']);
    expect(calls.length).toBe(2);
    calls[1]!.resolve();
    await turns();
    expect([second.as, failing.as, reading.as]).toEqual(['kept', 'saw a', 'kept']);
  });

  test('a read that may be told unsettled does not wait for the disk, and sees what is committed', async () => {
    openSlow();
    const first = toldOf(put('a'));
    await turns();
    const [settled, unsettled] = [false, true].map((way) =>
      toldOf(store.read((tx) => tx.setting('a'), { unsettled: way })),
    );
    await turns();
    expect([first.as, settled!.as, unsettled!.as]).toEqual(['nothing', 'nothing', 'kept']);
    calls[0]!.resolve();
    await turns();
    expect([first.as, settled!.as]).toEqual(['kept', 'kept']);
  });

  test('who wrote nothing waits for no disk when all is there', async () => {
    openSlow();
    const read = toldOf(store.withTransaction((tx) => tx.setting('a')));
    await turns();
    expect([read.as, calls.length]).toEqual(['kept', 0]);
  });

  test('a disk that refuses ends it: what was committed is told to nobody as kept, and nothing more is written', async () => {
    openSlow();
    const [first, second] = [toldOf(put('a')), toldOf(put('b'))];
    await turns();
    calls[0]!.reject(new Error('EIO'));
    await turns();
    const refused = 'The disk did not take in what was committed. Check it, then start again.';
    expect([first.as, second.as]).toEqual([refused, refused]);
    const [late, reading] = [toldOf(put('c')), toldOf(store.read((tx) => tx.setting('a')))];
    await turns();
    expect([late.as, reading.as]).toEqual([refused, 'EIO']);
    expect([committed(), calls.length]).toEqual([['a', 'b'], 1]);
  });
});
