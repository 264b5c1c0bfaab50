import fc from 'fast-check';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { unreadCounts } from '../../src/pipeline/unread.ts';
import { hepatitisB, openRequest } from '../feed/baseline.ts';
import { feedContext } from '../feed/builders.ts';
import { emptyFolder, removeFolders } from '../study/copied-folder.ts';
import { writeOtherStudy } from '../study/other-study.ts';
import { openOtherGateway, openTestGateway, studyOf } from './gateway.ts';
import { quirky } from './quirks.ts';
import { bystander, feed, PLAIN } from './scan-feeds.ts';
import { ELSEWHERE, type Files, isIn, runOn, runOnEach, shown } from './scanned.ts';

/** A code under fatty liver, and one of the diseases: of the other study the first has a fellow, and the second is none. */
const FATTY =
  'filter: [{ property: concept, op: is-a, value: "K76.0", extension: [{ url: "https://study-gateway.example/StructureDefinition/code-verification", valueString: "verified: WHO ICD-10 2019" }] }]';
const FNH = '    - valueSet: ["https://ncct.example.cn/NFEC-2023-207/ValueSet/focal-nodular-hyperplasia"]\n';

let other: Awaited<ReturnType<typeof studyOf>>;
beforeAll(async () => {
  const root = emptyFolder();
  writeOtherStudy(root, 'other-disease', {
    [FATTY]: `${FATTY}\n    - system: http://hl7.org/fhir/sid/icd-10\n      concept: [{ code: "${ELSEWHERE}" }]`,
    [FNH]: '',
    'name: hivWindowDays\n    valueInteger: 90': 'name: hivWindowDays\n    valueInteger: 5',
  });
  other = await studyOf(root);
});
afterAll(removeFolders);

const openBoth = async (): Promise<[Gateway, Gateway]> => [await openTestGateway(), await openOtherGateway(other)];
const closeAll = async (...gateways: Gateway[]) => {
  for (const { store } of gateways) await store.close();
};

async function aloneInFull(files: Files): Promise<object[]> {
  const both = await openBoth();
  const outcomes = [];
  for (const gateway of both) outcomes.push(shown(await runOn(gateway, files, 'full')));
  await closeAll(...both);
  return outcomes;
}

test('each of two studies over one reading comes out as alone and in full: one thread, two, in full, and again', async () => {
  let differ = 0;
  await fc.assert(
    fc.asyncProperty(feed, async (files) => {
      const wanted = await aloneInFull(files);
      if (JSON.stringify(wanted[0]) !== JSON.stringify(wanted[1])) differ++;
      for (const way of [1, 2, 'full'] as const) {
        const both = await openBoth();
        expect((await runOnEach(both, files, way)).map(shown)).toEqual(wanted);
        // What is known already changes nothing, and no study takes the other's.
        expect((await runOnEach(both, files, way)).map(shown)).toEqual(wanted);
        await closeAll(...both);
      }
    }),
    { numRuns: Number(process.env.SCAN_RUNS ?? 6), seed: Number(process.env.SCAN_SEED ?? 20_250_601) },
  );
  expect(differ).toBeGreaterThan(0);
}, 600_000);

const unreadOf = ({ store }: Gateway) =>
  store.read(async ({ hospital }) =>
    (await hospital.unreadAfter('', '', 1000)).map(({ patient, resources }) => [patient, resources.length]),
  );

test('a study passes over what only the other reads, counts it, and tells of it should its person become a subject', async () => {
  const both = await openBoth();
  const files = { a: quirky(bystander(1), PLAIN) };
  const [ours, others] = await runOnEach(both, files, 1);
  // The line that is evidence for the other is read by both: it says so only once it is read.
  expect(Object.fromEntries(ours!.tally.ignoredBy.get('Condition')!)).toEqual({ 'no-code-of-the-study': 1 });
  expect(Object.fromEntries(ours!.tally.ignoredBy.get('Observation')!)).toEqual({ 'person-without-evidence': 4 });
  expect(others!.tally.ignoredBy.get('Observation')?.get('person-without-evidence')).toBeUndefined();
  expect(ours!.counted).toEqual([['no-disease-evidence', 1]]);
  expect(others!.counted).toEqual([['no-liver-procedure-or-consent', 1]]);
  expect([await unreadOf(both[0]), await unreadOf(both[1])]).toEqual([[['ya-p-000501', 5]], []]);
  const ctx = { ...feedContext('ya', 501, 'later'), patientId: 'ya-p-000501' };
  const later = [...hepatitisB(ctx), ...openRequest(ctx)].map((resource) => ({ resource }));
  const second = await runOnEach(both, { b: quirky(later, PLAIN) }, 2);
  const subjects = second.map(({ rows }) => rows.map(({ patient }) => patient));
  expect(subjects).toEqual([['Patient/ya-p-000501'], ['Patient/ya-p-000501']]);
  const told = [];
  for (const [at, gateway] of both.entries()) told.push(await unreadCounts(gateway, isIn(second[at]!.found)));
  expect(told).toEqual([
    { people: 1, subjects: 1 },
    { people: 0, subjects: 0 },
  ]);
  const third = await runOnEach(both, files, 1);
  for (const [at, gateway] of both.entries())
    expect(await unreadCounts(gateway, isIn(third[at]!.found))).toEqual({ people: 0, subjects: 0 });
  await closeAll(...both);
});
