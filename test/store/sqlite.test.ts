import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { asStoreRefusal, StoreRefusal } from '../../src/store/sqlite/refusal.ts';
import { MIGRATIONS } from '../../src/store/sqlite/schema.ts';
import { clientContract } from './client-contract.ts';
import { storeContract } from './contract.ts';
import { exportContract } from './export-contract.ts';
import { feedContract } from './feed-contract.ts';
import { groupContract } from './group-contract.ts';
import { identifierContract } from './identifier-contract.ts';
import { numberContract } from './number-contract.ts';
import { outboxContract } from './outbox-contract.ts';
import { pendingContract } from './pending-contract.ts';
import { purgeContract } from './purge-contract.ts';
import { quarantineContract } from './quarantine-contract.ts';
import { readContract } from './read-contract.ts';
import { releaseContract } from './release-contract.ts';
import { researchContract } from './research-contract.ts';
import { decision } from './research-rows.ts';
import { record } from './rows.ts';
import { scanContract } from './scan-contract.ts';
import { standingContract } from './standing-contract.ts';
import { workContract } from './work-contract.ts';

let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function newFile(): string {
  files += 1;
  return join(folder, `${files}`, 'made', 'gateway.db');
}

async function openNew(file: string) {
  const store = await openSqliteStore(file);
  return {
    store,
    reopen: async () => {
      await store.close();
      return openSqliteStore(file);
    },
  };
}

storeContract('file', () => openNew(newFile()), true);
storeContract('memory', () => openNew(':memory:'), false);
clientContract('file', () => openNew(newFile()), true);
clientContract('memory', () => openNew(':memory:'), false);
readContract('file', () => openNew(newFile()), true);
readContract('memory', () => openNew(':memory:'), false);
groupContract('file', () => openNew(newFile()), true);
groupContract('memory', () => openNew(':memory:'), false);
pendingContract('file', () => openNew(newFile()), true);
pendingContract('memory', () => openNew(':memory:'), false);
for (const contract of [
  researchContract,
  numberContract,
  purgeContract,
  quarantineContract,
  identifierContract,
  scanContract,
  workContract,
  feedContract,
  releaseContract,
  standingContract,
  exportContract,
  outboxContract,
]) {
  contract('file', () => openNew(newFile()));
  contract('memory', () => openNew(':memory:'));
}

async function refusalOf(file: string): Promise<string> {
  const error = await openSqliteStore(file).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreRefusal);
  return (error as StoreRefusal).code;
}

function mode(path: string): number {
  return statSync(path).mode & 0o777;
}

describe('file', () => {
  test('store, -wal and -shm are for the owner only, and so are the folders made', async () => {
    const file = newFile();
    const store = await openSqliteStore(file);
    await store.withTransaction((tx) => tx.putSetting('a', '1'));
    for (const part of ['', '-wal', '-shm']) expect([part, mode(file + part)]).toEqual([part, 0o600]);
    expect(mode(join(file, '..'))).toBe(0o700);
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('a store that others may read is closed to them', async () => {
    const file = newFile();
    await (await openSqliteStore(file)).close();
    chmodSync(file, 0o644);
    await (await openSqliteStore(file)).close();
    expect(mode(file)).toBe(0o600);
  });

  test('is in WAL mode, with our mark', async () => {
    const file = newFile();
    await (await openSqliteStore(file)).close();
    const db = new DatabaseSync(file);
    expect({ ...db.prepare('PRAGMA journal_mode').get() }).toEqual({ journal_mode: 'wal' });
    expect({ ...db.prepare('PRAGMA application_id').get() }).toEqual({ application_id: 0x53475731 });
    db.close();
  });
});

describe('refusals', () => {
  test('not a database, and it is left as it was', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'These are notes about something else, and long enough to be read as a header.'.repeat(20));
    chmodSync(file, 0o644);
    const before = readFileSync(file);
    expect(await refusalOf(file)).toBe('store-not-ours');
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(mode(file)).toBe(0o644);
  });

  test('a database of something else, with or without a mark', async () => {
    const file = join(folder, 'other.db');
    const db = new DatabaseSync(file);
    db.exec('CREATE TABLE setting (a TEXT)');
    expect(await refusalOf(file)).toBe('store-not-ours');
    db.exec('DROP TABLE setting; PRAGMA application_id = 7');
    db.close();
    expect(await refusalOf(file)).toBe('store-not-ours');
  });

  test('newer than the program, and nothing is changed', async () => {
    const file = newFile();
    await (await openSqliteStore(file)).close();
    const db = new DatabaseSync(file);
    db.exec("INSERT INTO migration (number, name) VALUES (1000, 'later')");
    db.close();
    expect(await refusalOf(file)).toBe('store-newer');
  });

  test('a folder, and a path through a file', async () => {
    mkdirSync(join(folder, 'a-folder'));
    expect(await refusalOf(join(folder, 'a-folder'))).toBe('store-unusable');
    writeFileSync(join(folder, 'plain'), '');
    expect(await refusalOf(join(folder, 'plain', 'x.db'))).toBe('store-unusable');
  });

  test('result codes of SQLite, extended ones too; other errors are passed on', () => {
    const sqlite = (errcode: number) => Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode });
    expect(asStoreRefusal(sqlite(5))).toMatchObject({ code: 'store-busy' });
    expect(asStoreRefusal(sqlite(5 | (1 << 8)))).toMatchObject({ code: 'store-busy' });
    expect(asStoreRefusal(sqlite(11))).toMatchObject({ code: 'store-damaged' });
    expect(asStoreRefusal(sqlite(1))).not.toBeInstanceOf(StoreRefusal);
  });
});

describe('migrations', () => {
  const second = { number: 2, name: 'second', sql: 'CREATE TABLE study_extra (id TEXT)' };
  const broken = {
    number: 3,
    name: 'broken',
    sql: 'CREATE TABLE study_half (id TEXT); INSERT INTO nowhere VALUES (1)',
  };
  const names = (db: DatabaseSync) =>
    db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'study%' ORDER BY name")
      .all()
      .map((row) => row.name);
  const numbers = (db: DatabaseSync) =>
    db
      .prepare('SELECT number FROM migration ORDER BY number')
      .all()
      .map((row) => row.number);

  test('are numbered from 1 without gaps', () => {
    expect(MIGRATIONS.map((migration) => migration.number)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  test('go forward from where the store is, each once', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, MIGRATIONS.slice(0, 1));
    migrate(db, [...MIGRATIONS.slice(0, 1), second]);
    migrate(db, [...MIGRATIONS.slice(0, 1), second]);
    expect(numbers(db)).toEqual([1, 2]);
    expect(names(db)).toEqual(['study_extra', 'study_subject']);
    expect(() => migrate(db, MIGRATIONS.slice(0, 1))).toThrow(StoreRefusal);
  });

  test('one that fails leaves neither its tables nor its number', () => {
    const db = new DatabaseSync(':memory:');
    expect(() => migrate(db, [...MIGRATIONS.slice(0, 1), second, broken])).toThrow('nowhere');
    expect(numbers(db)).toEqual([1, 2]);
    expect(names(db)).toEqual(['study_extra', 'study_subject']);
    expect(db.isTransaction).toBe(false);
  });

  test('a store of step 1 keeps what it holds', async () => {
    const file = newFile();
    mkdirSync(join(file, '..'), { recursive: true });
    const db = new DatabaseSync(file);
    migrate(db, MIGRATIONS.slice(0, 1));
    db.exec(`INSERT INTO study_subject VALUES ('s1', 1, '2024-01-01T00:00:00Z', 0, '{}')`);
    db.exec(`INSERT INTO hospital_record VALUES ('ya', 'Observation', 'o1', 'p1', NULL, 1, 'aa', '1', 0, '{}')`);
    const guardian = JSON.stringify({ performer: [{ reference: 'RelatedPerson/r1' }, { display: 'x' }] });
    db.prepare("INSERT INTO hospital_record VALUES ('ya', 'Consent', 'c1', 'p2', NULL, 1, 'aa', '1', 0, ?)").run(
      guardian,
    );
    db.exec(
      "INSERT INTO hospital_record VALUES ('ya', 'Patient', 'p2', 'p2', NULL, 1, 'aa', '1', 0, 'sealed, no JSON')",
    );
    db.close();
    const store = await openSqliteStore(file);
    await store.withTransaction(async (tx) => {
      expect((await tx.study.subjects()).map((row) => row.id)).toEqual(['s1']);
      expect(await tx.study.takeNumber('Normal', 's1', '2024-02-01T00:00:00Z')).toBe(1);
      expect(await tx.hospital.purgePeople('ya', ['p1'], [])).toMatchObject({ records: 1 });
      expect(await tx.hospital.mentioning('ya', 'RelatedPerson/r1')).toEqual(['p2']);
      expect((await tx.hospital.record({ site: 'ya', type: 'Consent', id: 'c1' }))?.revision).toBe(1);
    });
    await store.close();
  });

  test('what was taken back before it was noted when counts as granted until the last thing that was written', async () => {
    const file = newFile();
    mkdirSync(join(file, '..'), { recursive: true });
    const db = new DatabaseSync(file);
    migrate(
      db,
      MIGRATIONS.filter(({ number }) => number < 14),
    );
    db.exec(`INSERT INTO study_granted VALUES ('s1', '{"data":null}'), ('s2', '{"data":null,"omics":false}')`);
    db.exec(`INSERT INTO study_research VALUES ('Patient', 'p1', 1, 's1', '2024-01-02T00:00:00.000Z', 0, '{}')`);
    db.close();
    const store = await openSqliteStore(file);
    const at = (instant: string) => store.withTransaction(({ study }) => study.grantedAt(instant));
    const first = { subject: 's1', purposes: '{"data":null}' };
    expect(await at('2024-01-01T23:59:59.999Z')).toEqual([
      first,
      { subject: 's2', purposes: '{"data":null,"omics":null}' },
    ]);
    expect(await at('2024-01-02T00:00:00.000Z')).toEqual([
      first,
      { subject: 's2', purposes: '{"data":null,"omics":false}' },
    ]);
    await store.close();
  });

  test('subjects of a store before notices are shown to their hospital, without a notice', async () => {
    const file = newFile();
    mkdirSync(join(file, '..'), { recursive: true });
    const db = new DatabaseSync(file);
    migrate(
      db,
      MIGRATIONS.filter(({ number }) => number < 8),
    );
    const url = 'https://study-gateway.example/StructureDefinition/status-reason';
    const body = (status: string) => `{"status":"${status}","extension":[{"url":"${url}","valueCode":"declined"}]}`;
    db.exec(`INSERT INTO study_subject VALUES ('s1', 1, '2024-01-01T00:00:00.000Z', 0, '${body('screening')}'),
      ('s1', 2, '2024-01-02T00:00:00.000Z', 0, '${body('not-registered')}'),
      ('s2', 1, '2024-01-01T00:00:00.000Z', 0, '{"status":"eligible"}'),
      ('s3', 1, '2024-01-01T00:00:00.000Z', 1, '{}')`);
    db.exec(
      `INSERT INTO hospital_enrolment VALUES ('s1', 'ya', 'p1', '{}'), ('s2', 'nf', 'p2', '{}'), ('s3', 'ya', 'p3', '{}')`,
    );
    db.close();
    const store = await openSqliteStore(file);
    await store.withTransaction(async ({ hospital }) => {
      const seen = { subject: 's1', site: 'ya', version: 2, lastUpdated: '2024-01-02T00:00:00.000Z' };
      const all = [{ ...seen, status: 'not-registered', reason: 'declined', gone: false }];
      expect(await hospital.shownSubjects('ya')).toEqual(all);
      expect(await hospital.shownSubjects('nf')).toMatchObject([{ subject: 's2', reason: null }]);
      expect(await hospital.lastNotice('ya')).toBeNull();
    });
    await store.close();
  });
});

describe('ledgers', () => {
  function refuses(sql: string, given: string): void {
    const db = new DatabaseSync(':memory:');
    migrate(db);
    db.exec(given);
    expect(() => db.exec(sql)).toThrow('never');
  }

  test('no program changes a decision', () => {
    refuses(
      "UPDATE hospital_decision SET body = '{}'",
      "INSERT INTO hospital_decision (id, site, patient, at, kind, body) VALUES ('d', 'ya', 'p1', 't', 'enrol', '{\"a\":1}')",
    );
  });

  const CLIENT =
    "INSERT INTO auth_client VALUES ('c', 'n', 'site', 'ya', NULL, 'system/*.rs', '{}', 't', NULL);" +
    "INSERT INTO auth_client VALUES ('gone', 'n', 'site', 'ya', NULL, 'system/*.rs', '{}', 't', 'u')";
  test.each([
    "DELETE FROM auth_client WHERE id = 'c'",
    "UPDATE auth_client SET site = 'nf' WHERE id = 'c'",
    "UPDATE auth_client SET scopes = 'system/*.cruds' WHERE id = 'c'",
    "UPDATE auth_client SET revoked_at = NULL WHERE id = 'gone'",
  ])('no program changes a client, but to revoke it: %s', (sql) => refuses(sql, CLIENT));

  const RELEASED =
    "INSERT INTO study_release VALUES ('a', 1, 'x', 'h', 't', 'c', 'm', 's');" +
    "INSERT INTO study_released VALUES ('a', 1, 's1', NULL, '{}');" +
    "INSERT INTO study_pushed (registry, number, at) VALUES ('a', 1, 't')";
  test.each(['release', 'released', 'pushed'])('no program changes or deletes a row of study_%s', (table) => {
    refuses(`DELETE FROM study_${table}`, RELEASED);
    refuses(`UPDATE study_${table} SET number = 2`, RELEASED);
  });

  test('no program deletes a participant number', () => {
    refuses(
      'DELETE FROM study_number',
      "INSERT INTO study_number (group_code, number, subject, at) VALUES ('Normal', 1, 's1', 't')",
    );
  });
});

test('a purge leaves no byte of the person in the file, of replaced versions neither', async () => {
  const file = newFile();
  const store = await openSqliteStore(file);
  const mark = 'mark-of-the-person';
  await store.withTransaction(async ({ hospital }) => {
    for (let n = 0; n < 200; n += 1) await hospital.putRecord(record(`o${n}`, { person: 'p2' }));
    // Both within a page and over several.
    for (const length of [10, 20_000]) {
      await hospital.putRecord(record(`${mark}-${length}`, { body: `${mark}-old `.repeat(length) }));
      await hospital.putRecord(record(`${mark}-${length}`, { body: `${mark}-new `.repeat(length / 2) }));
    }
    await hospital.putAliases('ya', 'p1', [mark]);
    await hospital.addDecision(decision('d1', { body: mark }));
  });
  expect(readFileSync(`${file}-wal`).includes(mark)).toBe(true);
  await store.withTransaction((tx) => tx.hospital.purgePeople('ya', ['p1'], []));
  await store.close();
  expect(readFileSync(file).includes(mark)).toBe(false);
});

describe('schema', () => {
  function schema(): Map<string, string[]> {
    const db = new DatabaseSync(':memory:');
    migrate(db);
    const rows = db
      .prepare(
        `SELECT t.name AS name, c.name AS col FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
      )
      .all();
    const tables = new Map<string, string[]>();
    for (const { name, col } of rows) tables.set(String(name), [...(tables.get(String(name)) ?? []), String(col)]);
    return tables;
  }

  test('every table says its side', () => {
    for (const name of schema().keys())
      expect(name).toMatch(/^(hospital_[a-z]+|study_[a-z]+|auth_[a-z]+|audit|setting|migration)$/);
  });

  test('tables of the study side have no column for a site or a person', () => {
    const study = [...schema()].filter(([name]) => name.startsWith('study_'));
    expect(study).toEqual([
      ['study_subject', ['id', 'version', 'last_updated', 'deleted', 'body']],
      ['study_number', ['group_code', 'number', 'subject', 'at', 'void_reason', 'voided_at']],
      ['study_research', ['type', 'id', 'version', 'subject', 'last_updated', 'deleted', 'body']],
      ['study_granted', ['subject', 'purposes']],
      [
        'study_release',
        ['registry', 'number', 'agreement', 'agreement_hash', 'at', 'content_hash', 'manifest', 'signature'],
      ],
      ['study_released', ['registry', 'number', 'subject', 'participant', 'resources']],
      ['study_pushed', ['sequence', 'registry', 'number', 'at']],
      ['study_export', ['id', 'client', 'registry', 'plan', 'state', 'code', 'at', 'mark', 'resources', 'expires_at']],
      ['study_extract', ['export', 'number', 'kind', 'type', 'lines']],
      [
        'study_outbox',
        [
          ...[
            'target',
            'type',
            'id',
            'subject',
            'version',
            'state',
            'attempts',
            'not_before',
            'code',
            'changes',
            'claim',
          ],
          ...['remote', 'hash', 'loose', 'again_at', 'released_at'],
        ],
      ],
      ['study_grant', ['subject', 'at', 'purposes']],
      ['study_verdict', ['subject', 'version', 'verdicts']],
    ]);
  });
});

test('a large unit goes through one transaction', async () => {
  const { store } = await openNew(newFile());
  await store.withTransaction(async (tx) => {
    for (let n = 0; n < 5_000; n += 1) await tx.hospital.putRecord(record(`o${n}`, { person: `p${n % 50}` }));
  });
  const persons = await store.withTransaction((tx) => tx.hospital.personsAfter('', '', 100));
  expect(persons).toHaveLength(50);
  expect(await store.withTransaction((tx) => tx.hospital.recordsOf('ya', ['p7']))).toHaveLength(100);
  await store.close();
});
