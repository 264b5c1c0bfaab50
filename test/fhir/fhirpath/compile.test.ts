import { compileExpression, type FunctionBody } from '../../../src/fhir/fhirpath/compile.ts';
import { LANGUAGE } from '../../../src/study/language.ts';

const NAMES = { valueSets: { has: () => true }, concepts: { has: () => true } };

const first = {
  resourceType: 'Condition',
  id: 'a',
  code: { text: 'x', coding: [{ code: '1' }] },
  recordedDate: '2024-01-01',
};
const second = { resourceType: 'Condition', id: 'b', code: { text: 'y' } };
const measured = { resourceType: 'Observation', id: 'o', valueQuantity: { value: 3, unit: 'kg' } };
const VARIABLES = { conditions: [first, second], observations: [measured] };

function evaluate(text: string, bodies: Record<string, FunctionBody> = {}, variables: object = VARIABLES) {
  const compiled = compileExpression(text, LANGUAGE, NAMES, bodies);
  if ('faults' in compiled) throw new Error(compiled.faults[0]!.message);
  return compiled.evaluate(variables as Record<string, unknown>);
}

function expectSame(found: unknown[], expected: unknown[]) {
  expect(found).toHaveLength(expected.length);
  for (const [index, item] of expected.entries()) expect(found[index]).toBe(item);
}

describe('the very objects that went in come out', () => {
  test.each<[string, unknown[]]>([
    ['%conditions', [first, second]],
    ["%conditions.where(code.text = 'y')", [second]],
    ['%conditions | %conditions', [first, second]],
    ['%conditions.union(%observations)', [first, second, measured]],
    ['(%conditions | %observations).ofType(Observation)', [measured]],
    ["%conditions.exclude(%conditions.where(id = 'a'))", [second]],
    ["%conditions.intersect(%conditions.where(id = 'a'))", [first]],
    ['%conditions.distinct()', [first, second]],
    ['%conditions.first()', [first]],
    ['%conditions[1]', [second]],
    ['%conditions.code', [first.code, second.code]],
    ['%conditions.code.coding', [first.code.coding[0]]],
    ['%observations.value', [measured.valueQuantity]],
    ['%observations.value.ofType(Quantity)', [measured.valueQuantity]],
    ['%conditions.select(code)', [first.code, second.code]],
    ["%conditions.where(code.text = 'z')", []],
  ])('%s', (text, expected) => {
    expectSame(evaluate(text), expected);
  });

  test('two resources of equal content stay two', () => {
    const twin = structuredClone(second);
    expectSame(evaluate("%conditions.where(code.text = 'y')", {}, { conditions: [second, twin] }), [second, twin]);
  });

  test('nothing that went in is changed', () => {
    const before = JSON.stringify(VARIABLES);
    evaluate('(%conditions | %observations).where(code.coding.exists() or value.exists())');
    expect(JSON.stringify(VARIABLES)).toBe(before);
  });
});

describe('plain values', () => {
  test.each<[string, unknown[]]>([
    ['%conditions.code.text', ['x', 'y']],
    ['%conditions.recordedDate', ['2024-01-01']],
    ['%conditions.count()', [2]],
    ['%conditions.exists()', [true]],
    ['%observations.value.ofType(Quantity).value > 2.5', [true]],
    ['%conditions.where(code.coding.exists()).count() = 1', [true]],
  ])('%s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });
});

describe('functions of the language', () => {
  test('get the plain objects and hand them back as they are', () => {
    const seen: unknown[] = [];
    const newest: FunctionBody = (inputs) => {
      seen.push(...inputs);
      return inputs.slice(1);
    };
    expectSame(evaluate('%conditions.newest()', { newest }), [second]);
    expectSame(seen, [first, second]);
  });

  test('can be navigated from', () => {
    const newest: FunctionBody = (inputs) => inputs.slice(0, 1);
    expectSame(evaluate('%conditions.newest().code.coding', { newest }), [first.code.coding[0]]);
    expect(evaluate("%conditions.newest().where(code.text = 'x').exists()", { newest })).toEqual([true]);
  });

  test('get texts, numbers and collections as arguments', () => {
    const seen: unknown[] = [];
    const below: FunctionBody = (inputs, bound: never, unit: never) => {
      seen.push(inputs[0], bound, unit);
      return true;
    };
    const isOpen: FunctionBody = (_inputs, closing: never, days: never) => {
      seen.push(closing, days);
      return false;
    };
    expectSame(evaluate("%observations.where(below(9.4, 'kPa'))", { below }), [measured]);
    const request = { resourceType: 'ServiceRequest', id: 'r' };
    const variables = { requests: [request], procedures: [second, first] };
    expectSame(evaluate('%requests.where(isOpen(%procedures, 30))', { isOpen }, variables), []);
    expect(seen).toEqual([measured, 9.4, 'kPa', [second, first], 30]);
  });

  test('an answer of nothing is neither true nor false', () => {
    const positive: FunctionBody = () => [];
    expectSame(evaluate('%observations.where(positive())', { positive }), []);
    expectSame(evaluate('%observations.where(positive().not())', { positive }), []);
  });

  test('without a body throw when called', () => {
    expect(() => evaluate('%conditions.newest()')).toThrow('newest() has no body here');
  });
});

test('a wrong expression gives faults and no evaluation', () => {
  expect(compileExpression('%conditions.foo', LANGUAGE, NAMES, {})).toEqual({
    faults: [{ message: 'R4 has no element "foo" in Condition', line: 1, column: 13 }],
  });
});
