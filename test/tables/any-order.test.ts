import fc from 'fast-check';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { EXAMPLES, MORE_PEOPLE, made, SUBJECTS, VERDICTS } from './people.ts';

const ALL = [...EXAMPLES, ...MORE_PEOPLE];
const expected = await made();

test('the same people in any order, also twice, give the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(ALL, { minLength: ALL.length }),
      fc.subarray(ALL),
      fc.shuffledSubarray([...SUBJECTS], { minLength: SUBJECTS.length }),
      fc.shuffledSubarray([...VERDICTS], { minLength: VERDICTS.length }),
      async (resources, again, subjects, verdicts) => {
        expect(await made({ resources: [...resources, ...again], subjects, verdicts })).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

test('of two versions the newer counts, whichever comes first', async () => {
  const version = (versionId: string, gender: string): FhirResource => ({
    ...MORE_PEOPLE[0]!,
    meta: { versionId },
    gender,
  });
  const [old, young] = [version('9', 'female'), version('10', 'male')];
  const rest = ALL.filter((one) => one !== MORE_PEOPLE[0]);
  const forth = await made({ resources: [old, young, ...rest] });
  expect(await made({ resources: [...rest, young, old] })).toEqual(forth);
  expect(forth['participants.csv']!.content).toContain(',16,,male,');
});

/** What a registry's agreement may take away: any element but what says whose it is and of what type. */
const without = (resource: FhirResource, gone: ReadonlySet<string>): FhirResource =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => !gone.has(name) || KEPT.has(name))) as FhirResource;
const KEPT = new Set(['resourceType', 'id', 'subject', 'patient', 'individual', 'status', 'study']);
const ELEMENTS = [...new Set(ALL.flatMap((one) => Object.keys(one)))].filter((name) => !KEPT.has(name));

test('whatever was taken away before: every file is there, with the same columns, and nothing undefined in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(ELEMENTS), fc.subarray(ALL), async (names, resources) => {
      const gone = new Set(names);
      const files = await made({ resources: resources.map((one) => without(one, gone)), subjects: [] });
      expect(Object.keys(files)).toEqual(Object.keys(expected));
      for (const [name, { content, gaps }] of Object.entries(files)) {
        expect(content).not.toMatch(/undefined|NaN|\[object/);
        if (name.endsWith('.csv')) expect(content.split('\r\n')[0]).toBe(expected[name]!.content.split('\r\n')[0]);
        expect([name, gaps.filter((gap) => (gap as { kind: string }).kind === 'rule')]).toEqual([name, []]);
      }
    }),
    { numRuns: 60 },
  );
});

test('years for dates, decades for ages, no numbers, no sites: tables say just that', async () => {
  const base = 'https://study-gateway.example/StructureDefinition/';
  const coarse = JSON.parse(JSON.stringify(ALL).replaceAll(/"(\d{4})-\d{2}[^"]*"/g, '"$1"'), (key, value) =>
    key === 'url' && value === `${base}age-years`
      ? `${base}age-decade`
      : key === 'valueInteger'
        ? value - (value % 10)
        : value,
  ) as FhirResource[];
  const resources = coarse.map(({ identifier: _, ...rest }) => rest as FhirResource);
  const files = await made({ resources, subjects: [] });
  const dm = JSON.parse(files['dm.json']!.content);
  const at = (name: string) => dm.columns.findIndex((column: { name: string }) => column.name === name);
  expect(dm.rows.map((row: unknown[]) => [row[at('RFICDTC')], row[at('AGE')], row[at('SITEID')]])).toEqual([
    ['2025', null, null],
    ['2025', null, null],
    ['2025', null, null],
    ['2025', null, null],
    ['2024', null, null],
  ]);
  const samples = files['hca-sample.csv']!.content;
  // Of ten to nineteen two stages are possible; no day, so no method of a tissue and no point in time.
  expect(samples).toContain(
    'unknown,UBERON:0002107,tissue,unknown,fresh,surgical donor,adjacent,MONDO:0002404,unknown,,2025,,',
  );
  expect(samples).toContain('MONDO:0013209,HsapDv:0000243,,2024,,');
  expect(
    Object.values(files)
      .map(({ content }) => content)
      .join(),
  ).not.toMatch(/NF-00|Normal-1|2025-0[^6]/);
});
