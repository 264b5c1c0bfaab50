import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScreenedSubject } from '../../src/pipeline/screen.ts';
import type { Verdict } from '../../src/screening/assessment.ts';
import { writeReport } from '../../src/views/files.ts';
import { SubjectReport } from '../../src/views/report.ts';
import { summarise } from '../../src/views/summary.ts';
import { worklistRow } from '../../src/views/worklist.ts';
import { generateFeed } from '../feed/generate.ts';
import { folder, openTestGateway, type Run, runOver } from '../pipeline/gateway.ts';

// What criterion E1 found about somebody is told by `explain` alone; lists show that an exclusion criterion is met or
// under review. That a test is due may be told.
const DETAILS =
  /\bhiv\b|\baids\b|艾滋|免疫缺陷|\bB2[0-4]\b|\bblot\b|印迹|syphilis|梅毒|tubercul|结核|\bh[cd]v\b|丙型|丁型|hepatitis c\b/i;

/** The first detail in a text, beside that the test is due. */
const detailsIn = (text: string) => DETAILS.exec(text.replaceAll('hiv-test', ''))?.[0] ?? null;

let run: Run;
let gateway: Awaited<ReturnType<typeof openTestGateway>>;
beforeAll(async () => {
  gateway = await openTestGateway();
  run = await runOver(gateway, generateFeed({ seed: 'sensitive', variants: true }).files);
  await gateway.store.close();
}, 240_000);

const E1 = ({ assessment }: ScreenedSubject): Verdict => assessment.verdicts.find(({ id }) => id === 'E1')!;
const spoke = (verdict: Verdict) => verdict.findings.some(({ says }) => says !== 'not-met');

test('rows of people in whom E1 is met or under review say nothing of what was found', () => {
  const concerned = run.found.filter((one) => spoke(E1(one)) || E1(one).verdict === 'met');
  expect(concerned.length).toBeGreaterThan(5);
  const found = concerned.flatMap((one) => {
    const text = JSON.stringify(worklistRow(one));
    // What proves another criterion too (hepatitis D with B, say) stands there in its own right.
    const elsewhere = new Set(one.assessment.verdicts.flatMap(({ id, evidence }) => (id === 'E1' ? [] : evidence)));
    const evidence = E1(one).findings.flatMap((finding) =>
      finding.says === 'not-met' ? [] : finding.evidence.filter((reference) => !elsewhere.has(reference)),
    );
    return [
      ...(detailsIn(text) === null ? [] : [detailsIn(text)]),
      ...evidence.filter((reference) => text.includes(reference)),
    ];
  });
  expect(found).toEqual([]);
});

test('met and review are the only things said of them', () => {
  const said = new Set(
    run.rows.flatMap(({ criteria }) =>
      criteria
        .filter(({ id, verdict }) => id === 'E1' && verdict !== 'not-met')
        .map(({ verdict, reason, evidence }) => `${verdict} ${reason} ${evidence.length}`),
    ),
  );
  expect([...said].sort()).toEqual([
    'met exclusion-criterion 0',
    'unknown exclusion-criterion-review 0',
    'unknown hiv-test 0',
  ]);
});

test('neither the screening log nor the summary says more than that a test is due', async () => {
  const out = await folder();
  const about = { study: 'study', studyVersion: 'study@1', asOf: '2025-06-01' };
  const { tally, screening, found, subjects: written } = run;
  const people = new SubjectReport(about);
  for (const one of found) people.add(one);
  const told = summarise(about, gateway.loaded.study, tally, screening, people.counts, []);
  await writeReport(out, { summary: told, people, subjects: written, quarantine: [], unmapped: [] });
  people.close();
  const [log, summary, subjects] = await Promise.all(
    ['screening-log.csv', 'summary.json', 'subjects.ndjson'].map((name) => readFile(join(out, name), 'utf8')),
  );
  expect(detailsIn(subjects!)).toBeNull();
  expect(detailsIn(log!)).toBeNull();
  const { missing, reasons } = JSON.parse(summary!) as Record<'missing' | 'reasons', Record<string, string>[]>;
  const due = missing!.filter(({ criterion }) => criterion === 'E1').map(({ what }) => what);
  expect([...new Set(due)].sort()).toEqual(['exclusion-criterion-review', 'hiv-test']);
  const others = JSON.stringify([missing!.filter(({ criterion }) => criterion !== 'E1'), reasons]);
  expect(detailsIn(others)).toBeNull();
});
