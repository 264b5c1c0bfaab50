import { join } from 'node:path';
import type { CountedAs } from '../../src/enrolment/status.ts';
import { type FeedPerson, generateFeed } from '../feed/generate.ts';
import { folder, openTestGateway, type Run, rowOf, runOver, verdictsOf } from '../pipeline/gateway.ts';

const feed = generateFeed({ seed: 'stories', variants: true });
let run: Run;

beforeAll(async () => {
  const gateway = await openTestGateway(join(await folder(), 'stories.sqlite'));
  run = await runOver(gateway, feed.files);
  await gateway.store.close();
}, 240_000);

/** What the run says of a person, cut to what the story tells. */
function shown({ patient, expected }: FeedPerson): object {
  const row = rowOf(run, patient);
  const found: Record<string, unknown> = { ...row, flags: [...row.flags].sort() };
  const asked = Object.keys(expected!).filter((key) => key !== 'criteria');
  const verdicts = verdictsOf(row);
  const criteria = Object.fromEntries(Object.keys(expected!.criteria ?? {}).map((id) => [id, verdicts[id]]));
  return { ...Object.fromEntries(asked.map((key) => [key, found[key]])), criteria };
}

const subjects = feed.people.filter(({ expected }) => expected !== null);
const others = feed.people.filter(({ expected }) => expected === null);

test.each(subjects.map((person) => [person.story, person.patient, person] as const))('%s (%s)', (_, __, person) => {
  const { flags, criteria = {}, ...rest } = person.expected!;
  const wanted = { ...rest, ...(flags ? { flags: [...flags].sort() } : {}), criteria };
  expect(shown(person)).toEqual(wanted);
});

test('nobody else is a subject', () => {
  expect(run.rows.map(({ site, patient }) => `${site} ${patient}`).sort()).toEqual(
    subjects.map(({ site, patient }) => `${site} ${patient}`).sort(),
  );
});

test('each person is counted once, the others by their reason', () => {
  const counted = [...run.screening.counted.values()].reduce((sum, people) => sum + people, 0);
  expect(counted).toBe(others.length);
  const reasons: CountedAs[] = ['no-disease-evidence', 'root-only', 'outside-period', 'no-liver-procedure-or-consent'];
  const open = others.filter((person) => person.counted === null).length;
  const surplus = reasons.map(
    (reason) => (run.screening.counted.get(reason) ?? 0) - others.filter((person) => person.counted === reason).length,
  );
  expect(surplus.every((more) => more >= 0)).toBe(true);
  expect(surplus.reduce((sum, more) => sum + more, 0)).toBe(open);
});

test('what is damaged or may not be decided is set aside, with its place', () => {
  expect(run.quarantine.map(({ place, reason }) => `${place.file}:${place.line} ${reason}`)).toEqual([
    'z-damaged.ndjson:1 invalid-json',
    'z-damaged.ndjson:2 shape',
    'z-damaged.ndjson:3 unknown-type',
    'z-damaged.ndjson:4 subject-not-patient',
    'z-damaged.ndjson:5 site-unknown',
    'z-damaged.ndjson:6 shape',
    'zz-decisions.ndjson:13 decision-refused',
  ]);
  const { read, accepted, ignored, quarantined } = run.tally;
  expect([quarantined, read - accepted - ignored]).toEqual([feed.quarantined, feed.quarantined]);
});

test('whom the script enrols has the number it says, and nobody else has one', () => {
  const numbers = run.subjects.flatMap(({ id, body }) =>
    (JSON.parse(body).identifier ?? []).map(({ value }: { value: string }) => [value, id]),
  );
  const wanted = feed.people.flatMap(({ participant, patient }) =>
    participant ? [[participant, rowOf(run, patient).subject]] : [],
  );
  expect(wanted).toHaveLength(9);
  expect(numbers.sort()).toEqual(wanted.sort());
});

test('every row has every criterion, and no group stands beside Normal', () => {
  for (const row of run.rows) {
    expect(row.criteria.map(({ id }) => id)).toEqual(['I1', 'I2', 'I3', 'I4', 'E1', 'E2', 'E3', 'E4']);
    expect(row.groups.length > 1 && row.groups.includes('Normal')).toBe(false);
    expect(row.group).toBe(row.groups[0] ?? null);
  }
});

test('every met verdict names its evidence, but for the sensitive criterion and the two that need none', () => {
  const bare = run.rows.flatMap(({ criteria }) =>
    criteria.filter(({ verdict, evidence }) => verdict === 'met' && evidence.length === 0).map(({ id }) => id),
  );
  expect([...new Set(bare)].filter((id) => id !== 'I2').sort()).toEqual(['E1']);
});
