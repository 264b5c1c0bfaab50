import { CODES, type Evaluate, observation, openEvaluation } from './evaluation.ts';

let evaluate: Evaluate;
beforeAll(async () => {
  evaluate = await openEvaluation();
});

type Answer = 'positive' | 'negative' | 'open';
const SNOMED = 'http://snomed.info/sct';
const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const interpreted = (...codes: string[]) => ({ interpretation: codes.map((code) => concept(INTERPRETATION, code)) });
const quantity = (value: number, unit: string, comparator?: string) => ({
  valueQuantity: { value, unit, ...(comparator && { comparator }) },
});

function answerOf(resource: object): Answer {
  const positive = evaluate('%observations.where(positive())', { resources: [resource] });
  const negative = evaluate('%observations.where(negative())', { resources: [resource] });
  expect(positive.notes).toEqual(negative.notes);
  if (positive.notes.length > 0) {
    expect([positive.items, negative.items, positive.notes]).toEqual([[], [], ['value']]);
    return 'open';
  }
  expect(positive.items.length + negative.items.length).toBe(1);
  return positive.items.length === 1 ? 'positive' : 'negative';
}

describe('positive and negative: codes and words', () => {
  test.each<[string, object, Answer]>([
    ['SNOMED positive', { valueCodeableConcept: concept(SNOMED, '10828004') }, 'positive'],
    ['SNOMED detected', { valueCodeableConcept: concept(SNOMED, '260373001') }, 'positive'],
    ['SNOMED negative', { valueCodeableConcept: concept(SNOMED, '260385009') }, 'negative'],
    ['SNOMED not detected', { valueCodeableConcept: concept(SNOMED, '260415000') }, 'negative'],
    ['words of a concept', { valueCodeableConcept: { text: '阳性' } }, 'positive'],
    ['display of a concept', { valueCodeableConcept: { coding: [{ code: 'N', display: '阴性' }] } }, 'negative'],
    ['an unknown code', { valueCodeableConcept: concept('https://nf.example.cn/cs/res', '7') }, 'open'],
    ['阳性', { valueString: '阳性' }, 'positive'],
    ['阳性(+)', { valueString: '阳性(+)' }, 'positive'],
    ['full width （＋）', { valueString: '（＋）' }, 'positive'],
    ['阴性(-)', { valueString: '阴性(-)' }, 'negative'],
    ['未检出', { valueString: '未检出' }, 'negative'],
    ['检出', { valueString: '检出' }, 'positive'],
    ['Positive', { valueString: 'Positive' }, 'positive'],
    ['NEGATIVE', { valueString: 'NEGATIVE' }, 'negative'],
    ['Not detected', { valueString: 'Not detected' }, 'negative'],
    ['Non-reactive', { valueString: 'Non-reactive' }, 'negative'],
    ['弱阳性', { valueString: '弱阳性' }, 'open'],
    ['可疑', { valueString: '可疑' }, 'open'],
    ['±', { valueString: '±' }, 'open'],
    ['阳性 and 阴性', { valueString: '阳性，复查阴性' }, 'open'],
    ['见报告', { valueString: '见报告' }, 'open'],
    ['true', { valueBoolean: true }, 'positive'],
    ['false', { valueBoolean: false }, 'negative'],
  ])('%s', (_name, value, answer) => {
    expect(answerOf(observation(value, CODES.hbsag))).toBe(answer);
  });
});

describe('positive and negative: interpretation', () => {
  test.each<[string, object, Answer]>([
    ['POS alone', interpreted('POS'), 'positive'],
    ['NEG alone', interpreted('NEG'), 'negative'],
    ['words agree', { valueString: '阳性', ...interpreted('POS') }, 'positive'],
    ['words against it', { valueString: '阳性', ...interpreted('NEG') }, 'open'],
    ['two against each other', interpreted('POS', 'NEG'), 'open'],
    ['number against it', { ...quantity(12, 'IU/mL'), ...interpreted('NEG') }, 'open'],
    ['number with it', { ...quantity(12, 'IU/mL'), ...interpreted('POS') }, 'positive'],
  ])('%s', (_name, value, answer) => {
    expect(answerOf(observation(value, CODES.hbsag))).toBe(answer);
  });
});

describe('positive and negative: amounts', () => {
  test.each<[string, keyof typeof CODES, object, Answer]>([
    ['HBsAg at the limit', 'hbsag', quantity(0.05, 'IU/mL'), 'positive'],
    ['HBsAg below the limit', 'hbsag', quantity(0.049, 'IU/mL'), 'negative'],
    ['HBsAg as text', 'hbsag', { valueString: '> 250 IU/mL' }, 'positive'],
    ['HBsAg index at 1', 'hbsag', quantity(1, '1'), 'positive'],
    ['HBsAg index below 1', 'hbsag', quantity(0.99, '{S/CO}'), 'negative'],
    ['HBsAg in a unit of something else', 'hbsag', quantity(3, 'kPa'), 'open'],
    ['DNA in IU/mL', 'hbvDna', quantity(20_000, 'IU/mL'), 'positive'],
    ['DNA in copies/mL', 'hbvDna', quantity(500, 'copies/mL'), 'positive'],
    ['DNA as text', 'hbvDna', { valueString: '1.0E+03 IU/mL' }, 'positive'],
    ['DNA above a limit', 'hbvDna', quantity(1.7e8, 'IU/mL', '>'), 'positive'],
    ['DNA below the limit of quantification', 'hbvDna', quantity(20, 'IU/mL', '<'), 'open'],
    ['DNA below it as text', 'hbvDna', { valueString: '<20 IU/mL' }, 'open'],
    ['DNA below it in words', 'hbvDna', { valueString: '低于检测下限' }, 'open'],
    ['DNA not detected', 'hbvDna', { valueString: '未检出' }, 'negative'],
    ['HIV index of 1', 'hivScreening', quantity(1, '1'), 'positive'],
    ['HIV index without unit', 'hivScreening', { valueString: '0.12' }, 'negative'],
    ['an amount of a test without a limit', 'platelets', quantity(120, '10*9/L'), 'open'],
  ])('%s', (_name, test, value, answer) => {
    expect(answerOf(observation(value, CODES[test]))).toBe(answer);
  });
});

describe('below, atLeast, above, atMost', () => {
  const HOW = ['below', 'atLeast', 'above', 'atMost'] as const;
  type Answers = readonly [boolean | null, boolean | null, boolean | null, boolean | null];

  function answersOf(resource: object, bound: number, unit: string) {
    return HOW.map((how) => {
      const { items, notes } = evaluate(`%observations.where(${how}(${bound}, '${unit}'))`, { resources: [resource] });
      return notes.length > 0 ? notes[0] : items.length === 1;
    });
  }

  test.each<[string, object, Answers]>([
    ['49.9', quantity(49.9, '10*9/L'), [true, false, false, true]],
    ['50', quantity(50, '10*9/L'), [false, true, false, true]],
    ['50.1', quantity(50.1, '×10⁹/L'), [false, true, true, false]],
    ['50000 /uL', quantity(50_000, '/uL'), [false, true, false, true]],
    ['49 10*3/uL', quantity(49, '10*3/uL'), [true, false, false, true]],
    ['< 50', quantity(50, '10*9/L', '<'), [true, false, false, true]],
    ['<= 50', quantity(50, '10*9/L', '<='), [null, null, false, true]],
    ['> 50', quantity(50, '10*9/L', '>'), [false, true, true, false]],
    ['>= 50', quantity(50, '10*9/L', '>='), [false, true, null, null]],
    ['< 60', quantity(60, '10*9/L', '<'), [null, null, null, null]],
    ['text', { valueString: '49×10^9/L' }, [true, false, false, true]],
    ['range', { valueRange: { low: { value: 40, unit: '10*9/L' }, high: { value: 49 } } }, [true, false, false, true]],
    ['range around it', { valueString: '40-60 ×10^9/L' }, [null, null, null, null]],
  ])('%s against 50 ×10⁹/L', (_name, value, answers) => {
    const expected = answers.map((answer) => answer ?? 'value');
    expect(answersOf(observation(value), 50, '10*9/L')).toEqual(expected);
  });

  test.each<[string, object]>([
    ['a unit that does not convert', quantity(49, 'mg/dL')],
    ['no unit', { valueQuantity: { value: 49 } }],
    ['no unit in a text', { valueString: '49' }],
    ['words', { valueString: '降低' }],
  ])('%s cannot be compared', (_name, value) => {
    expect(answersOf(observation(value), 50, '10*9/L')).toEqual(Array(4).fill('unit'));
  });

  test('a bare number is an INR, a bare percentage a percentage', () => {
    expect(answersOf(observation({ valueQuantity: { value: 1.6 } }), 1.5, '1')).toEqual([false, true, true, false]);
    expect(answersOf(observation({ valueQuantity: { value: 1.5, unit: '{INR}' } }), 1.5, '1')[2]).toBe(false);
    expect(answersOf(observation({ valueInteger: 4 }, CODES.steatosis), 5, '%')).toEqual([true, false, false, true]);
    expect(answersOf(observation(quantity(0.335, '1'), CODES.steatosis), 33, '%')[2]).toBe(true);
  });
});
