import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concept, condition, feedContext, icd10, replacedBy } from '../feed/builders.ts';
import { AS_OF, command, folder, program, rows, STUDY, summaryOf } from './command.ts';
import { ndjson, person } from './people.ts';

async function screen(...resources: object[]) {
  const at = await folder();
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, ndjson(...resources));
  const { code, stderr } = await command('screen', feed, '--out', at, '--keys', join(at, 'keys'), ...AS_OF);
  const worklist = await rows(at, 'worklist.ndjson');
  return { code, stderr, worklist, summary: await summaryOf(at) };
}

const steatosis = condition(feedContext('ya', 1, 'command'), { id: 'twice', code: concept(icd10('K76.0')) });
const others = person(1, () => ({ disease: [] }));

describe('one id twice with different content', () => {
  const later = { ...steatosis.meta, versionId: '2', lastUpdated: '2025-05-30T08:00:00+08:00' };
  const withdrawn = { ...steatosis, meta: later, verificationStatus: { coding: [{ code: 'entered-in-error' }] } };
  const { clinicalStatus: _, ...error } = withdrawn as Record<string, unknown>;

  test.each([
    ['older first', [steatosis, error]],
    ['newer first', [error, steatosis]],
  ])('the later version counts, %s', async (_name, both) => {
    const { code, worklist, summary } = await screen(...both, ...others);
    expect([code, summary.resources.quarantined]).toEqual([0, 0]);
    expect(worklist.map(({ status, reason }) => [status, reason])).toEqual([['ineligible', 'evidence-retracted']]);
  });

  test('of the same version: one of them counts, the same in any order', async () => {
    const other = { ...steatosis, code: concept(icd10('B18.1')) };
    const [one, two] = [await screen(steatosis, other, ...others), await screen(other, steatosis, ...others)];
    expect([one.code, two.code]).toEqual([0, 0]);
    const seen = ({ worklist }: typeof one) => worklist.map(({ status, groups }) => [status, groups]);
    expect(seen(one)).toEqual(seen(two));
    expect(one.worklist[0].groups).toHaveLength(1);
  });
});

test('Patients that replace each other in a circle are one person, with a flag', async () => {
  const [a, b] = [feedContext('ya', 1, 'command'), feedContext('ya', 2, 'command')];
  const { code, worklist, summary } = await screen(
    ...person(1, () => ({ patient: { link: [replacedBy(b)] } })),
    person(2, () => ({ patient: { link: [replacedBy(a)] } }))[0]!,
  );
  expect([code, summary.people]).toEqual([0, 1]);
  expect(worklist.map(({ status, flags }) => [status, flags])).toEqual([['eligible', ['merge-cycle']]]);
});

test('a study with a wrong expression: the file, the line and the place, and nothing is screened', async () => {
  const at = await folder();
  const study = join(at, 'study');
  await cp(STUDY, study, { recursive: true });
  const file = join(study, 'groups.yaml');
  const [text, right] = [await readFile(file, 'utf8'), '"%hemangioma | %fnh"'];
  await writeFile(file, text.replace(right, '"%hemangiom | %fnh.cod"'));
  const line = text.slice(0, text.indexOf(right)).split('\n').length;
  const feed = join(at, 'feed.ndjson');
  await writeFile(feed, ndjson(...others));
  const done = program(['screen', feed, '--study', study, '--out', join(at, 'out'), ...AS_OF]);
  expect([done.code, done.stdout]).toEqual([2, '']);
  expect(done.stderr).toContain('The study has mistakes:\n');
  expect(done.stderr).toMatch(
    new RegExp(`^groups\\.yaml:${line} action\\[3\\]\\.condition\\[0\\]\\.expression\\.expression: .*hemangiom`, 'm'),
  );
  expect(done.stderr).not.toMatch(/^\s+at /m);
});
