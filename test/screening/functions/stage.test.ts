import { CODES, type Evaluate, observation, openEvaluation } from './evaluation.ts';

let evaluate: Evaluate;
beforeAll(async () => {
  evaluate = await openEvaluation();
});

/** The lowest and highest stage the functions allow, found by asking for each; null when nothing can be said. */
function stagesOf(resource: object): [number, number] | null {
  const holds = (expression: string) => evaluate(expression, { resources: [resource] }).items.length === 1;
  const bounds = [0, 1, 2, 3, 4];
  const atLeast = bounds.filter((bound) => holds(`%observations.where(stageAtLeast(${bound}))`));
  const atMost = bounds.filter((bound) => holds(`%observations.where(stageAtMost(${bound}))`));
  if (atLeast.length === 0) {
    expect(atMost).toEqual([]);
    expect(evaluate('%observations.where(stageAtLeast(1))', { resources: [resource] }).notes).toEqual(['grade']);
    return null;
  }
  return [Math.max(...atLeast), Math.min(...atMost)];
}

const text = (valueString: string) => ({ valueString });
const SNOMED = 'http://snomed.info/sct';

describe('stageAtLeast and stageAtMost', () => {
  test.each<[keyof typeof CODES, object, [number, number] | null]>([
    ['scheuer', text('S0'), [0, 0]],
    ['scheuer', text('S2'), [2, 2]],
    ['scheuer', text('s4'), [4, 4]],
    ['scheuer', text('G2S3'), [3, 3]],
    ['scheuer', text('G3 S1'), [1, 1]],
    ['scheuer', text('S2-3'), [2, 3]],
    ['scheuer', text('S2-S3'), [2, 3]],
    ['scheuer', text('S2～3'), [2, 3]],
    ['scheuer', text('Ｓ２'), [2, 2]],
    ['scheuer', text('Ｇ２Ｓ３'), [3, 3]],
    ['scheuer', text('慢性肝炎 G2S3'), [3, 3]],
    ['scheuer', text('3'), [3, 3]],
    ['scheuer', text('3期'), [3, 3]],
    ['scheuer', { valueInteger: 1 }, [1, 1]],
    ['scheuer', { valueQuantity: { value: 4 } }, [4, 4]],
    ['scheuer', { valueQuantity: { value: 2, comparator: '>=' } }, null],
    ['scheuer', { valueQuantity: { value: 2.5 } }, null],
    ['scheuer', { valueCodeableConcept: { text: 'S1' } }, [1, 1]],
    ['scheuer', { valueCodeableConcept: { coding: [{ system: SNOMED, code: '1', display: 'S3' }] } }, [3, 3]],
    ['scheuer', text('S5'), null],
    ['scheuer', text('S12'), null],
    ['scheuer', text('F2'), null],
    ['scheuer', text('肝纤维化'), null],
    ['metavir', text('F2'), [2, 2]],
    ['metavir', text('A1F4'), [4, 4]],
    ['metavir', text('F2-F3'), [2, 3]],
    ['metavir', text('S2'), null],
    ['ishak', text('Ishak 0'), [0, 0]],
    ['ishak', text('Ishak 1'), [1, 1]],
    ['ishak', text('Ishak 2'), [1, 1]],
    ['ishak', text('Ishak 3'), [2, 2]],
    ['ishak', text('Ishak 4'), [3, 3]],
    ['ishak', text('Ishak 5'), [4, 4]],
    ['ishak', text('ishak6'), [4, 4]],
    ['ishak', text('Ishak 4-5'), [3, 4]],
    ['ishak', text('5/6'), [4, 4]],
    ['ishak', text('Ishak 5/6'), [4, 4]],
    ['ishak', text('３／６'), [2, 2]],
    ['ishak', { valueInteger: 4 }, [3, 3]],
    ['ishak', text('S2'), null],
    ['ishak', text('7'), null],
    ['steatosis', text('S2'), null],
    ['platelets', text('S2'), null],
  ])('%s %j', (scale, value, stages) => {
    expect(stagesOf(observation(value, CODES[scale]))).toEqual(stages);
  });

  test('"S2" under a code that names no scale is unknown', () => {
    const resource = observation(text('S2'), { system: 'https://nf.example.cn/cs/path', code: 'unmapped' });
    expect(stagesOf(resource)).toBeNull();
  });

  test('a range that straddles the bound is open both ways', () => {
    const resources = [observation(text('S2-3'), CODES.scheuer)];
    const ask = (call: string) => evaluate(`%observations.where(${call})`, { resources });
    expect(ask('stageAtLeast(2)')).toMatchObject({ items: ['o'], notes: [] });
    expect(ask('stageAtLeast(3)')).toMatchObject({ items: [], notes: ['grade'] });
    expect(ask('stageAtMost(2)')).toMatchObject({ items: [], notes: ['grade'] });
    expect(ask('stageAtMost(3)')).toMatchObject({ items: ['o'], notes: [] });
    expect(ask('stageAtLeast(4)')).toMatchObject({ items: [], notes: [] });
    expect(ask('stageAtMost(1)')).toMatchObject({ items: [], notes: [] });
  });
});

describe('gradable', () => {
  const ASK =
    "%observations.where(id = 'o').where(gradable('elastography-iqr-median', %observations.where(id != 'o'), 30))";
  const stiffness = (more: object = {}) =>
    observation({
      effectiveDateTime: '2025-05-10T09:00:00+08:00',
      valueQuantity: { value: 9.4, unit: 'kPa' },
      ...more,
    });
  const quality = (value: number, effectiveDateTime: string, unit?: string) =>
    observation({ id: 'q', effectiveDateTime, valueQuantity: { value, ...(unit && { unit }) } }, CODES.iqrMedian);
  const component = (value: object) => ({ component: [{ code: { coding: [CODES.iqrMedian] }, ...value }] });

  test.each<[string, object[], boolean | null]>([
    ['no IQR/median', [stiffness()], true],
    ['30 % the same day', [stiffness(), quality(30, '2025-05-10', '%')], true],
    ['30.1 % the same day', [stiffness(), quality(30.1, '2025-05-10', '%')], false],
    ['0.31 as a ratio', [stiffness(), quality(0.31, '2025-05-10', '1')], false],
    ['31 without a unit', [stiffness(), quality(31, '2025-05-10')], false],
    ['31 % the day before', [stiffness(), quality(31, '2025-05-09', '%')], true],
    ['31 % late that evening, by UTC', [stiffness(), quality(31, '2025-05-10T15:59:00Z', '%')], false],
    ['31 % after midnight, by UTC', [stiffness(), quality(31, '2025-05-10T16:00:00Z', '%')], true],
    ['31 % in that month', [stiffness(), quality(31, '2025-05', '%')], false],
    ['a component of 31 %', [stiffness(component({ valueQuantity: { value: 31, unit: '%' } }))], false],
    ['a component of 20 %', [stiffness(component({ valueQuantity: { value: 20, unit: '%' } }))], true],
    ['a component in kPa', [stiffness(component({ valueQuantity: { value: 2, unit: 'kPa' } }))], null],
    ['an IQR of 2 kPa', [stiffness(), quality(2, '2025-05-10', 'kPa')], null],
  ])('%s', (_name, resources, answer) => {
    const { items, notes } = evaluate(ASK, { resources });
    expect([items, notes]).toEqual([answer ? ['o'] : [], answer === null ? ['unit'] : []]);
  });
});
