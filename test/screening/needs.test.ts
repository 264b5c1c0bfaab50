import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { CompiledExpression } from '../../src/fhir/fhirpath/compile.ts';
import { generateFeed } from '../feed/generate.ts';
import { HOME, openTestGateway, runOver, studyOf } from '../pipeline/gateway.ts';

/** Makes every expression of a compiled study be evaluated with everything, however deep it lies. @returns how many */
function needEverything(part: unknown, seen = new Set<object>()): number {
  if (typeof part !== 'object' || part === null || seen.has(part)) return 0;
  seen.add(part);
  if ('evaluate' in part) {
    (part as CompiledExpression).needs = { coded: new Map(), nothingWithout: null };
    return 1;
  }
  const parts = part instanceof Map || part instanceof Set ? part.values() : Object.values(part);
  return [...parts].reduce((sum: number, one) => sum + needEverything(one, seen), 0);
}

test('with no more than it needs, each expression of the study gives the same for everybody of the demo', async () => {
  const gateway = await openTestGateway();
  const whole = await studyOf(join(HOME, 'studies', 'nct07265544'));
  expect(needEverything(whole.loaded.study)).toBeGreaterThan(150);
  let people = 0;
  const other: string[] = [];
  const screener: typeof gateway.screener = {
    assess(...given) {
      const assessment = gateway.screener.assess(...given);
      if (!isDeepStrictEqual(assessment, whole.screener.assess(...given))) other.push(given[0].patient);
      people++;
      return assessment;
    },
  };
  await runOver({ ...gateway, screener }, generateFeed({ seed: 'needs' }).files);
  expect(other).toEqual([]);
  expect(people).toBeGreaterThan(200);
  await gateway.store.close();
});
