import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { CompiledExpression } from '../../src/fhir/fhirpath/compile.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { Screener } from '../../src/screening/assess.ts';
import { evidenceOf } from '../../src/screening/evidence.ts';
import type { Decision } from '../../src/study/decision.ts';
import { generateFeed } from '../feed/generate.ts';
import { HOME, openTestGateway, runOver, studyOf } from '../pipeline/gateway.ts';

/** Every expression of a compiled study, however deep it lies. */
function expressionsOf(part: unknown, seen = new Set<object>()): CompiledExpression[] {
  if (typeof part !== 'object' || part === null || seen.has(part)) return [];
  seen.add(part);
  if ('evaluate' in part) return [part as CompiledExpression];
  const parts = part instanceof Map || part instanceof Set ? part.values() : Object.values(part);
  return [...parts].flatMap((one) => expressionsOf(one, seen));
}

/** A study of which every expression is evaluated with everything. */
async function wholeStudy() {
  const whole = await studyOf(join(HOME, 'studies', 'nct07265544'));
  const expressions = expressionsOf(whole.loaded.study);
  expect(expressions.length).toBeGreaterThan(150);
  for (const expression of expressions) expression.needs = { coded: new Map(), nothingWithout: null };
  return whole;
}

type Given = Parameters<Screener['assess']>;

/** Everybody of the demo as they are screened, and whose assessment is another with no more than is needed. */
async function demoPeople(whole: Pick<Awaited<ReturnType<typeof studyOf>>, 'screener'>) {
  const gateway = await openTestGateway();
  const people: Given[] = [];
  const other: string[] = [];
  const screener: Screener = {
    assess(...given) {
      const assessment = gateway.screener.assess(...given);
      if (!isDeepStrictEqual(assessment, whole.screener.assess(...given))) other.push(given[0].patient);
      people.push(given);
      return assessment;
    },
  };
  await runOver({ ...gateway, screener }, generateFeed({ seed: 'needs' }).files);
  await gateway.store.close();
  return { people, other, needing: gateway.screener };
}

/** Does something odd to a record; numbers are taken modulo what there is. */
type Mutation = (resources: FhirResource[], others: readonly FhirResource[]) => FhirResource[];

const STATUSES = [
  'entered-in-error',
  'active',
  'completed',
  'preliminary',
  'revoked',
  'rejected',
  'on-hold',
  'unknown',
];
const DATES = [
  'effectiveDateTime',
  'performedDateTime',
  'recordedDate',
  'authoredOn',
  'dateTime',
  'occurrenceDateTime',
];

const index = fc.nat({ max: 5000 });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  index.map(
    (at): Mutation =>
      (all) =>
        all.filter((_, place) => place !== at % all.length),
  ),
  // The same resource twice, as itself, as an equal object, and under another id.
  index.map(
    (at): Mutation =>
      (all) => [...all, all[at % all.length]!],
  ),
  index.map(
    (at): Mutation =>
      (all) => [...all, structuredClone(all[at % all.length]!)],
  ),
  index.map(
    (at): Mutation =>
      (all) => [...all, { ...structuredClone(all[at % all.length]!), id: `copy-${at}` }],
  ),
  index.map(
    (at): Mutation =>
      (all, others) => [...all, { ...others[at % others.length]!, id: `other-${at}` }],
  ),
  fc.tuple(index, fc.constantFrom(...STATUSES)).map(
    ([at, status]): Mutation =>
      (all) =>
        all.map((one, place) => (place === at % all.length ? { ...one, status } : one)),
  ),
  fc.tuple(index, fc.constantFrom('2025', '2025-06', '2025-05-31', '2019-01-01', '2025-07-01T10:00:00Z')).map(
    ([at, date]): Mutation =>
      (all) =>
        all.map((one, place) => {
          const named = DATES.filter((name) => name in one).map((name) => [name, date]);
          return place === at % all.length ? { ...one, ...Object.fromEntries(named) } : one;
        }),
  ),
  fc.tuple(index, fc.constantFrom('code', 'status', 'bodySite', 'valueQuantity', 'provision', 'intent')).map(
    ([at, name]): Mutation =>
      (all) =>
        all.map((one, place) => {
          const { [name]: _, ...rest } = one;
          return place === at % all.length ? (rest as FhirResource) : one;
        }),
  ),
  index.map(
    (seed): Mutation =>
      (all) =>
        all.toSorted((a, b) => order(a, seed) - order(b, seed)),
  ),
);

/** An investigator's word on what a resource may mean. */
const word = fc
  .tuple(
    index,
    fc.constantFrom('confirm' as const, 'reject' as const),
    fc.constantFrom('cirrhosis', 'malignancy', 'hiv'),
  )
  .map(([at, kind, answer]) => (all: readonly FhirResource[]): Decision | null => {
    const about = all[at % all.length];
    const signed = { id: `d-${at}`, by: { id: 'i', role: 'investigator' as const }, at: '2025-05-30T00:00:00Z' };
    const rest = { meaning: 'm', reason: null, attests: [], seen: null, basis: null };
    return about ? { ...signed, kind, about: evidenceOf(about), answer, ...rest } : null;
  });

function order({ id }: FhirResource, seed: number): number {
  return [...`${id}`].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0) * (seed + 1)) % 9973, 7);
}

test('with no more than it needs, each expression of the study gives the same for everybody of the demo', async () => {
  const whole = await wholeStudy();
  const { people, other, needing } = await demoPeople(whole);
  expect(other).toEqual([]);
  expect(people.length).toBeGreaterThan(200);

  const everything = people.flatMap(([{ resources }]) => resources);
  const days = fc.integer({ min: -800, max: 800 });
  fc.assert(
    fc.property(index, fc.array(mutation, { maxLength: 6 }), fc.option(word), days, (at, mutations, say, shift) => {
      const [record, site, now] = people[at % people.length]!;
      const resources = mutations.reduce(
        (all, mutate) => (all.length > 0 ? mutate(all, everything) : all),
        [...record.resources],
      );
      const said = say?.(resources.filter(({ resourceType }) => /^(Condition|DiagnosticReport)$/.test(resourceType)));
      const decisions = [...(record.decisions ?? []), ...(said ? [said] : [])];
      const given: Given = [{ ...record, resources, decisions }, site, now + shift * 86_400_000];
      expect(needing.assess(...given)).toStrictEqual(whole.screener.assess(...given));
    }),
    { seed: Number(process.env.NEEDS_SEED ?? 1), numRuns: Number(process.env.NEEDS_RUNS ?? 200) },
  );
});
