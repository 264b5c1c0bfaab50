import { access, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { feedContext, lab } from '../feed/builders.ts';
import { AS_OF, command, folder, rows } from './command.ts';
import { ndjson, person } from './people.ts';

const PATIENT = 'Patient/ya-p-000001';
const INVESTIGATOR = ['--by', 'dr.li', '--role', 'investigator'];

let at: string;
let store: string[];
let feed: string;
let screened: string;

// Screened once; each test works on a copy of its own.
beforeAll(async () => {
  screened = await folder();
  const first = join(screened, 'feed.ndjson');
  await writeFile(first, ndjson(...person(1), ...person(2), ...person(1, () => ({ consents: [] }), 'nf')));
  await command('screen', first, '--out', screened, ...AS_OF);
});

beforeEach(async () => {
  at = await folder();
  await cp(screened, at, { recursive: true });
  store = ['--store', join(at, 'study-gateway.sqlite'), ...AS_OF];
  feed = join(at, 'feed.ndjson');
});

const screen = () => command('screen', feed, '--out', at, ...AS_OF);
const decide = (kind: string, patient: string, ...args: string[]) =>
  command('decide', kind, patient, ...args, ...store);
const enrol = (patient: string, ...args: string[]) =>
  decide('enrol', patient, ...INVESTIGATOR, '--seen', '1', '--attest', 'E3, E4', ...args);
const subjectOf = async (patient: string): Promise<string> =>
  (await rows(at, 'worklist.ndjson')).find((row) => row.patient === patient).subject;

/** Rows of a table of the store. */
function table(sql: string): Record<string, unknown>[] {
  const db = new DatabaseSync(join(at, 'study-gateway.sqlite'), { readOnly: true });
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}

/** The research resources of somebody that stand, as `Type/id`. */
const standing = (subject: string, type: string) =>
  table(
    `SELECT type || '/' || id AS name FROM study_research r WHERE subject = '${subject}' AND type = '${type}' AND NOT deleted
     AND version = (SELECT max(version) FROM study_research WHERE type = r.type AND id = r.id)`,
  ).map(({ name }) => name as string);

describe('decide', () => {
  test('prints the state it leads to and the number, never the patient', async () => {
    const subject = await subjectOf(PATIENT);
    expect(await enrol(PATIENT)).toEqual({
      code: 0,
      stdout: `ResearchSubject/${subject}: on-study, HBV-1\n`,
      stderr: '',
    });
    await screen();
    const [row] = (await rows(at, 'subjects.ndjson')).filter(({ id }) => id === subject);
    expect(row).toMatchObject({ status: 'on-study', identifier: [{ value: 'HBV-1' }], meta: { versionId: '2' } });
  });

  test('by the id of the ResearchSubject; the reason is printed with the status', async () => {
    const subject = await subjectOf(PATIENT);
    const done = await decide(
      ...(['unsuitable', `ResearchSubject/${subject}`] as const),
      ...INVESTIGATOR,
      ...['--seen', '1', '--reason', 'cannot be followed up'],
    );
    expect([done.code, done.stdout]).toEqual([0, `ResearchSubject/${subject}: ineligible (unsuitable)\n`]);
  });

  test.each([
    ['decision-role', ['--by', 'c', '--role', 'coordinator', '--seen', '1', '--attest', 'E3,E4']],
    ['decision-stale', [...INVESTIGATOR, '--seen', '7', '--attest', 'E3,E4']],
    ['decision-stale', [...INVESTIGATOR, '--attest', 'E3,E4']],
    ['decision-incomplete', [...INVESTIGATOR, '--seen', '1', '--attest', 'E3']],
  ])('a refused one ends with 1, says %s, and leaves nothing behind', async (code, args) => {
    const done = await decide('enrol', PATIENT, ...args);
    expect([done.code, done.stdout]).toEqual([1, '']);
    expect(done.stderr).toMatch(new RegExp(`^${code}: .+\\n$`));
    expect(done.stderr).not.toMatch(/ya-|dr\.li/);
    expect(table('SELECT * FROM hospital_decision')).toEqual([]);
    expect(table('SELECT * FROM study_number')).toEqual([]);
  });

  test('from another status than eligible: refused', async () => {
    const done = await enrol('Patient/nf-p-000001');
    expect([done.code, done.stderr]).toEqual([
      1,
      'decision-status: Enrolment is possible only from eligible; the status is screening.\n',
    ]);
  });

  test.each([
    ['another kind', ['enroll', PATIENT, ...INVESTIGATOR], /^There is no decision "enroll": nominate, /],
    ['another role', ['enrol', PATIENT, '--by', 'x', '--role', 'nurse'], /^--role must be one of investigator, /],
    ['nobody who signs', ['enrol', PATIENT, '--role', 'investigator'], /--by/],
    ['an unknown patient', ['enrol', 'Patient/ya-p-999999', ...INVESTIGATOR], /^Nobody of that id is known/],
    ['an unknown site', ['enrol', PATIENT, ...INVESTIGATOR, '--site', 'xx'], /^There is no site "xx"/],
  ])('%s: does not start', async (_, [kind, patient, ...args], message) => {
    const done = await decide(kind!, patient!, ...args);
    expect([done.code, done.stdout]).toEqual([2, '']);
    expect(done.stderr).toMatch(message);
    expect(table('SELECT * FROM hospital_decision')).toEqual([]);
  });
});

describe('replay', () => {
  test('of a research record that stands: equal byte for byte', async () => {
    const subject = await subjectOf(PATIENT);
    for (const given of [subject, `ResearchSubject/${subject}`]) {
      const done = await command('replay', given, ...store);
      expect([done.code, done.stderr]).toEqual([0, '']);
      expect(done.stdout).toMatch(/^[1-9]\d* resources equal byte for byte, 0 not\n$/);
    }
  });

  test('of somebody without consent: nothing, and nothing is wrong', async () => {
    const done = await command('replay', await subjectOf('Patient/nf-p-000001'), ...store);
    expect([done.code, done.stdout]).toEqual([0, '0 resources equal byte for byte, 0 not\n']);
  });

  test('names what differs, and ends with 1', async () => {
    const subject = await subjectOf(PATIENT);
    const [name] = standing(subject, 'Condition');
    const db = new DatabaseSync(join(at, 'study-gateway.sqlite'));
    const change = `UPDATE study_research SET body = replace(body, 'confirmed', 'refuted') WHERE type || '/' || id = ?`;
    const { changes } = db.prepare(change).run(name!);
    db.close();
    expect(changes).toBe(1);
    const done = await command('replay', subject, ...store);
    expect(done.code).toBe(1);
    expect(done.stdout).toMatch(new RegExp(`, 1 not\\ndifferent: ${name}\\n$`));
  });

  test('of nobody: does not start', async () => {
    const done = await command('replay', 'nobody', ...store);
    expect([done.code, done.stdout]).toEqual([2, '']);
    expect(done.stderr).toMatch(/^There is no such subject in this store\./);
  });
});

describe('trace', () => {
  test('names source, version, hash, map and study, and leaves an audit row', async () => {
    const subject = await subjectOf(PATIENT);
    const [name] = standing(subject, 'Consent');
    const done = await command('trace', name!, ...store);
    expect([done.code, done.stderr]).toEqual([0, '']);
    const [what, source, how] = done.stdout.split('\n');
    expect(what).toBe(`${name} of ResearchSubject/${subject}`);
    expect(source).toMatch(/^ {2}from Consent\/ya-k-000001-1\/_history\/1 at ya \(hash [0-9a-f]{64}\)$/);
    expect(how).toMatch(/^ {2}by \w+@[0-9a-f]{12} under nct07265544@\w+ on \d{4}-\d\d-\d\dT.*Z$/);
    const [last] = table('SELECT action, object FROM audit ORDER BY sequence DESC LIMIT 1');
    expect(last).toEqual({ action: 'trace', object: name });
  });

  test('of something never made: does not start', async () => {
    const done = await command('trace', 'Consent/nothing', ...store);
    expect([done.code, done.stdout]).toEqual([2, '']);
    expect(done.stderr).toMatch(/^Nothing was made under that name/);
  });
});

describe('held', () => {
  test('nothing held: 0', async () => {
    const done = await command('held', ...store);
    expect([done.code, done.stdout, done.stderr]).toEqual([0, '0 held\n', '']);
  });

  test('what is held is listed with its source and reason, and ends with 1', async () => {
    const undated = { ...lab(feedContext('ya', 1, 'held'), 'platelets', 200, { on: null }), id: 'ya-o-undated' };
    await writeFile(feed, ndjson(undated));
    await screen();
    const done = await command('held', ...store);
    expect([done.code, done.stderr]).toEqual([1, '']);
    const [line, count] = done.stdout.split('\n');
    expect(line).toMatch(
      new RegExp(`^ResearchSubject/${await subjectOf(PATIENT)} Observation/ya-o-undated consent-unknown: .+`),
    );
    expect(count).toBe('1 held');
  });
});

test.each([
  ['decide', 'nominate', PATIENT, ...INVESTIGATOR],
  ['replay', 'anybody'],
  ['trace', 'Condition/any'],
  ['held'],
])('%s at a place without a store ends there and makes none', async (...args) => {
  const nowhere = join(at, 'mistyped');
  const done = await command(...args, '--store', join(nowhere, 'store.sqlite'), ...AS_OF);
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining('There is no store')]);
  await expect(access(nowhere)).rejects.toThrow('ENOENT');
});
