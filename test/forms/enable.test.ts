import type { r4 } from '../../src/fhir/resource.ts';
import { readGiven, responseOf } from '../../src/forms/fill.ts';
import { readAnswers } from '../../src/forms/validate.ts';
import { HEAD } from './study-forms.ts';

const SIGNED = { by: Infinity, zone: 'Asia/Shanghai' };
const item = (linkId: string, type: r4.QuestionnaireItem['type'], more: Partial<r4.QuestionnaireItem> = {}) => ({
  linkId,
  type,
  ...more,
});
const when = (
  question: string,
  operator: r4.QuestionnaireItemEnableWhen['operator'],
  answer: Partial<r4.QuestionnaireItemEnableWhen>,
) => ({ question, operator, ...answer });

/** `linkId code` of every fault of answers to a form of these items. */
function faults(items: r4.QuestionnaireItem[], given: Record<string, unknown>): string[] {
  const form: r4.Questionnaire = { resourceType: 'Questionnaire', status: 'active', url: 'urn:form', item: items };
  const read = readGiven(form, given, SIGNED.zone);
  expect(read.faults).toEqual([]);
  return readAnswers(form, responseOf(form, read.answers, HEAD), SIGNED).faults.map(
    ({ linkId, code }) => `${linkId} ${code}`,
  );
}

test.each<[string, r4.QuestionnaireItemEnableWhen, Record<string, unknown>, boolean]>([
  ['exists', when('a', 'exists', { answerBoolean: true }), { a: 1 }, true],
  ['exists', when('a', 'exists', { answerBoolean: true }), {}, false],
  ['exists not', when('a', 'exists', { answerBoolean: false }), {}, true],
  ['exists not', when('a', 'exists', { answerBoolean: false }), { a: 1 }, false],
  ['equals a number', when('a', '=', { answerInteger: 1 }), { a: 1 }, true],
  ['equals another', when('a', '=', { answerInteger: 1 }), { a: 2 }, false],
  ['equals, of another type', when('a', '=', { answerString: '1' }), { a: 1 }, false],
  ['differs', when('a', '!=', { answerInteger: 1 }), { a: 2 }, true],
  ['differs from nothing', when('a', '!=', { answerInteger: 1 }), {}, true],
  ['does not differ', when('a', '!=', { answerInteger: 1 }), { a: 1 }, false],
  ['a condition without an answer', when('a', '=', {}), { a: 1 }, false],
])('%s', (_, condition, given, asked) => {
  const items = [item('a', 'integer'), item('b', 'text', { enableWhen: [condition], required: true })];
  expect(faults(items, given)).toEqual(asked ? ['b missing'] : []);
  expect(faults(items, { ...given, b: 'x' })).toEqual(asked ? [] : ['b not-asked']);
});

describe('several conditions', () => {
  const conditions = [when('a', '=', { answerBoolean: true }), when('b', '=', { answerBoolean: true })];
  const items = (enableBehavior?: 'all' | 'any') => [
    item('a', 'boolean'),
    item('b', 'boolean'),
    item('c', 'date', { enableWhen: conditions, required: true, ...(enableBehavior ? { enableBehavior } : {}) }),
  ];

  test.each<['all' | 'any' | undefined, string[]]>([
    ['all', []],
    ['any', ['c missing']],
    [undefined, []],
  ])('%s', (behavior, wanted) => {
    expect(faults(items(behavior), { a: true, b: false })).toEqual(wanted);
    expect(faults(items(behavior), { a: true, b: true })).toEqual(['c missing']);
    expect(faults(items(behavior), { a: false, b: false })).toEqual([]);
  });
});

test('nothing in a group that is not asked may be answered, nothing is missing in it', () => {
  const inner = [item('c', 'string', { required: true })];
  const group = item('g', 'group', {
    required: true,
    enableWhen: [when('a', '=', { answerBoolean: true })],
    item: [item('h', 'group', { required: true, item: inner })],
  });
  expect(faults([item('a', 'boolean'), group], { a: false })).toEqual([]);
  expect(faults([item('a', 'boolean'), group], { a: true })).toEqual(['c missing']);
  expect(faults([item('a', 'boolean'), group], { a: false, c: 'x' })).toEqual(['c not-asked']);
});

test('what is required in a group that may be left out is missing once the group is begun', () => {
  const group = item('g', 'group', { item: [item('b', 'string', { required: true }), item('c', 'string')] });
  expect(faults([group], {})).toEqual([]);
  expect(faults([group], { c: 'x' })).toEqual(['b missing']);
});
