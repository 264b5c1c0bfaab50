import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ScreenedSubject } from '../../src/pipeline/screen.ts';
import { screenAll } from '../../src/pipeline/screen.ts';
import { screenPending } from '../../src/pipeline/screen-pending.ts';
import { writeReport } from '../../src/views/files.ts';
import { SubjectReport } from '../../src/views/report.ts';
import { summarise } from '../../src/views/summary.ts';
import { generateFeed } from '../feed/generate.ts';
import { folder, NOW, openTestGateway, type Run, rowOf, runOver } from '../pipeline/gateway.ts';
import { hearing } from '../pipeline/heard.ts';

const ABOUT = { study: 'study', studyVersion: 'study@1', asOf: '2025-06-01' };

let gateway: Awaited<ReturnType<typeof openTestGateway>>;
let run: Run;
beforeAll(async () => {
  gateway = await openTestGateway();
  run = await runOver(gateway, generateFeed({ seed: 'report', variants: false }).files);
}, 240_000);
afterAll(() => gateway.store.close());

/** Every file of the report that hears of these, one after the other. */
async function filesOf(people: SubjectReport): Promise<Record<string, string>> {
  const out = await folder();
  const summary = summarise(ABOUT, gateway.loaded.study, run.tally, run.screening, people.counts, []);
  await writeReport(out, { summary, people, subjects: run.subjects, quarantine: run.quarantine, unmapped: [] });
  const names = (await readdir(out)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(out, name), 'utf8')])),
  );
}

function reportOf(found: readonly ScreenedSubject[]): SubjectReport {
  const people = new SubjectReport(ABOUT);
  for (const one of found) people.add(one);
  return people;
}

test('a report is the same in whatever order it hears of people, and also when it begins anew', async () => {
  const wanted = await filesOf(reportOf(run.found));
  expect(wanted['worklist.ndjson']).toBe(run.rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  expect(wanted['screening-log.csv']!.split('\r\n')).toHaveLength(run.found.length + 2);
  expect(run.found.length).toBeGreaterThan(20);
  const shuffled = fc.shuffledSubarray(run.found, { minLength: run.found.length });
  await fc.assert(
    fc.asyncProperty(shuffled, fc.nat({ max: run.found.length }), async (found, before) => {
      const people = reportOf(found.slice(0, before));
      people.clear();
      for (const one of found) people.add(one);
      expect(await filesOf(people)).toEqual(wanted);
      people.close();
    }),
    { seed: 1, numRuns: 10 },
  );
});

test('it tells who is a subject', () => {
  const people = reportOf(run.found);
  const { site, patient } = run.found[0]!;
  expect([
    people.isSubject(site, patient),
    people.isSubject(site, `${patient}x`),
    people.isSubject('x', patient),
  ]).toEqual([true, false, false]);
  expect(rowOf(run, `Patient/${patient}`).site).toBe(site);
  people.close();
});

test('a subject is told of when its transaction is durable, before the next persons are read', async () => {
  const transactions: number[] = [];
  let told = 0;
  let open = 0;
  const store: typeof gateway.store = {
    ...gateway.store,
    withTransaction: async (work) => {
      transactions.push(told);
      open++;
      const result = await gateway.store.withTransaction(work);
      open--;
      return result;
    },
  };
  const subject = () => {
    expect(open).toBe(0);
    told++;
  };
  const screening = await screenAll({ ...gateway, store }, NOW, { subject });
  expect([told, screening.subjects]).toEqual([run.found.length, run.found.length]);
  // Of 50 persons a transaction no more than these were held.
  const held = transactions.slice(1).map((now, at) => now - transactions[at]!);
  expect(Math.max(...held)).toBeLessThanOrEqual(50);
  expect(held.filter((count) => count > 0).length).toBeGreaterThan(1);
});

test('who is not durable is not told of', async () => {
  const { found, listening } = hearing();
  await gateway.store.withTransaction(({ hospital }) =>
    hospital.markPending(run.found[0]!.site, [run.found[0]!.patient]),
  );
  const failing: typeof gateway.store = {
    ...gateway.store,
    withTransaction: (work) =>
      gateway.store.withTransaction(async (tx) => {
        await work(tx);
        throw new Error('the disk is full');
      }),
  };
  await expect(screenPending({ ...gateway, store: failing }, NOW, 10, listening)).rejects.toThrow('the disk is full');
  expect(found).toEqual([]);
  await screenPending(gateway, NOW, 10, listening);
  expect(found.map(({ patient }) => patient)).toEqual([run.found[0]!.patient]);
});
