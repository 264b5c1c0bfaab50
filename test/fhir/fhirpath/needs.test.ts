import { compileExpression } from '../../../src/fhir/fhirpath/compile.ts';
import { LANGUAGE } from '../../../src/study/language.ts';

const NAMES = { valueSets: { has: () => true }, concepts: { has: () => true } };

function needsOf(text: string) {
  const compiled = compileExpression(text, LANGUAGE, NAMES, {});
  if ('faults' in compiled) throw new Error(compiled.faults[0]!.message);
  const { coded, nothingWithout } = compiled.needs;
  return { coded: Object.fromEntries(coded), nothingWithout };
}

test.each<[string, Record<string, string[]>]>([
  ["%observations.where(code.memberOf('a'))", { observations: ['a'] }],
  ["%observations.where(code.memberOf('a')).newest().where(positive())", { observations: ['a'] }],
  ["%observations.where(code.memberOf('a') or code.memberOf('b'))", { observations: ['a', 'b'] }],
  ["%observations.where(code.memberOf('a')) | %observations.where(code.memberOf('b'))", { observations: ['a', 'b'] }],
  ["(%conditions | %retracted.ofType(Condition)).where(code.memberOf('a'))", { conditions: ['a'], retracted: ['a'] }],
  [
    "%conditions.where(code.memberOf('a') or (code.memberOf('b') and bodySite.memberOf('c')))",
    { conditions: ['a', 'b'] },
  ],
  ["%conditions.where(code.memberOf('a')).where(current())", { conditions: ['a'] }],
  ["%conditions.where(code.memberOf('a')).exists()", { conditions: ['a'] }],
  ["%conditions.where(code.memberOf('a') or suggests('b'))", { conditions: ['a', '~b'] }],
  ["%reports.where((suggests('a') or suggests('b')) and %conditions.empty())", { reports: ['~a', '~b'] }],
])('%s: of each variable only what is in these', (text, coded) => {
  expect(needsOf(text).coded).toEqual(coded);
});

test.each<[why: string, text: string]>([
  ['it stands by itself as well', "%observations.where(code.memberOf('a')) | %observations"],
  ['it stands in a condition', "%conditions.where(code.memberOf('a') and %conditions.empty())"],
  ['the newest of all is taken first', "%observations.newest().where(code.memberOf('a'))"],
  ['another element is asked', "%conditions.where(bodySite.memberOf('a'))"],
  ['any text is asked too', "%conditions.where(code.memberOf('a') or code.text.exists())"],
  ['who is asked beside it may leave a word of others', "%observations.where(code.memberOf('a') and positive())"],
  ['who is asked before it may leave a word of others', "%observations.where(positive()).where(code.memberOf('a'))"],
  ['not in it is asked', "%conditions.where(code.memberOf('a').not())"],
])('everything is needed where %s', (_why, text) => {
  expect(needsOf(text).coded).toEqual({});
});

test.each<[string, string[] | null]>([
  ['%conditions', ['conditions']],
  ["%conditions.where(code.memberOf('a')).newest()", ['conditions']],
  ['(%conditions | %reports.first()).distinct()', ['conditions', 'reports']],
  ['%conditions.code.coding', ['conditions']],
  ['%conditions.exists()', null],
  ['%conditions.empty()', null],
  ['%conditions.count()', null],
  ['%conditions.union(%reports)', null],
  // What is taken away is looked at all the same, and may leave a word.
  ['%conditions.exclude(%reports.where(newerThan(%conditions)))', null],
  ["%conditions.code.memberOf('a')", null],
  ['%conditions | %reports.exists()', null],
])('%s: nothing is selected without %j', (text, nothingWithout) => {
  expect(needsOf(text).nothingWithout).toEqual(nothingWithout);
});
