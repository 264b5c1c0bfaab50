import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { adverseEvent, type FeedContext, feedContext, specimen } from '../feed/builders.ts';
import { AS_OF, command, folder } from './command.ts';
import { ndjson, person } from './people.ts';

let at: string;
let store: string;
beforeAll(async () => {
  at = await folder();
  store = join(at, 'study-gateway.sqlite');
  const feed = join(at, 'feed.ndjson');
  const ctx: FeedContext = feedContext('ya', 1, 'due');
  const blood = specimen(ctx, { on: '2025-05-20T08:00:00+08:00', ml: 10, kit: 'YA-00001' });
  const event = adverseEvent(ctx, {
    on: '2025-05-30T20:00:00+08:00',
    code: 'R55.x00',
    criteria: ['C83052'],
    recordedDate: '2025-05-31T08:00:00+08:00',
  });
  await writeFile(feed, ndjson(...person(1), ...person(2), blood, event));
  await command('screen', feed, '--out', at, ...AS_OF);
});

const due = (...args: string[]) => command('due', '--store', store, ...args);

test('the most urgent first, as JSON: what is late says by how many hours', async () => {
  const { code, stdout } = await due('--format', 'json', ...AS_OF);
  expect(code).toBe(0);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const shown = rows
    .filter(({ what }) => what !== 'draw-blood')
    .map((row) => [row.what, row.about, row.due, row.overdueHours, row.codes]);
  expect(shown).toEqual([
    ['sae-awareness', 'AdverseEvent/ya-ae-000001-1', '2025-05-31T00:00:00.000Z', 39, ['awareness-missing']],
    ['sae-initial-report', 'AdverseEvent/ya-ae-000001-1', '2025-06-01T00:00:00.000Z', 15, []],
    ['sae-follow-up-report', 'AdverseEvent/ya-ae-000001-1', '2025-06-15T00:00:00.000Z', null, []],
    ['settle-deviation', 'Specimen/ya-sp-000001-1', null, null, ['low-volume']],
  ]);
  // The first person's blood is drawn, if too little; the second's is still to be.
  expect(rows.filter(({ what }) => what === 'draw-blood')).toHaveLength(1);
});

test('as a table: times are those of the hospital, in both languages, with the count', async () => {
  const { stdout } = await due(...AS_OF);
  expect(stdout).toMatch(/2025-05-31 08:00 +│ 39 h +│ ya /);
  expect(stdout).toContain('严重不良事件：首次报告');
  expect(stdout).toMatch(/\n5 open, 2 overdue\n$/);
});

test('at another hospital nothing; without a store nothing starts', async () => {
  expect(await due('--site', 'nf', ...AS_OF)).toMatchObject({ code: 0, stdout: '0 open, 0 overdue\n' });
  expect((await command('due', '--store', join(at, 'none.sqlite'))).code).toBe(2);
});

test('explain says the same of the person, with initials from the vault', async () => {
  const { stdout } = await command('explain', 'Patient/ya-p-000001', '--store', store, ...AS_OF);
  expect(stdout).toMatch(/^ {2}initials [A-Z]{2,4}, born \d{4}-\d{2}-\d{2}, (fe)?male$/m);
  expect(stdout).toMatch(/^ {2}Specimen\/ya-sp-000001-1 blood, kit YA-00001; deviation low-volume: /m);
  expect(stdout).toMatch(/^ {2}AdverseEvent\/ya-ae-000001-1 SERIOUS \(C83052\); not on the list of expected events/m);
  expect(stdout).toMatch(/^To do:$/m);
});
