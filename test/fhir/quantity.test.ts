import {
  type Interval,
  inUnit,
  isAbove,
  isBelow,
  type Measured,
  readNumber,
  readQuantity,
  readRange,
} from '../../src/fhir/quantity.ts';

const exactly = (value: number, unit: string | null): Measured => ({
  low: value,
  high: value,
  lowOpen: false,
  highOpen: false,
  unit,
});
const between = (low: number, high: number, open: Partial<Interval> = {}): Interval => ({
  low,
  high,
  lowOpen: false,
  highOpen: false,
  ...open,
});

describe('readQuantity', () => {
  test('the code is the unit, the display only where there is no code', () => {
    expect(readQuantity({ value: 120, unit: '×10⁹/升', code: '10*9/L' })).toEqual(exactly(120, '10*9/L'));
    expect(readQuantity({ value: 120, unit: 'mmHg' })).toEqual(exactly(120, 'mmHg'));
    expect(readQuantity({ value: 1.1 })).toEqual(exactly(1.1, null));
  });

  test.each([
    ['<', between(0, 20, { highOpen: true })],
    ['<=', between(0, 20)],
    ['>', between(20, Infinity, { lowOpen: true })],
    ['>=', between(20, Infinity)],
  ] as const)('%s 20 is an interval', (comparator, interval) => {
    expect(readQuantity({ value: 20, comparator, unit: 's' })).toEqual({ ...interval, unit: 's' });
  });

  test('zero is a number, nothing is none', () => {
    expect(readQuantity({ value: 0, unit: 's' })).toEqual(exactly(0, 's'));
    expect(readQuantity({ unit: 's' })).toBeNull();
  });

  test.each([
    ['×10⁹/L', '10*9/L'],
    ['x10^9/L', '10*9/L'],
    ['*10^9/L', '10*9/L'],
    ['10^9/L', '10*9/L'],
    ['× 10 ^ 9 / L', '10*9/L'],
    ['×109/L', '10*9/L'],
    ['１０＊９／Ｌ', '10*9/L'],
    ['G/L', '10*9/L'],
    ['IU/ml', '[IU]/mL'],
    ['IU/mL', '[IU]/mL'],
    ['[iU]/mL', '[IU]/mL'],
    ['copies/mL', '{copies}/mL'],
    ['/ul', '/uL'],
    ['秒', 's'],
    ['sec', 's'],
    ['％', '%'],
  ])('%s is %s', (sent, unit) => {
    expect(readQuantity({ value: 1, unit: sent })).toEqual(exactly(1, unit));
  });
});

describe('readRange', () => {
  test('takes the unit from whichever end names one', () => {
    expect(readRange({ low: { value: 5, unit: '%' }, high: { value: 10 } })).toEqual({ ...between(5, 10), unit: '%' });
    expect(readRange({ low: { value: 5 }, high: { value: 10, unit: '%' } })).toEqual({ ...between(5, 10), unit: '%' });
  });

  test('a missing end is open, no end is nothing', () => {
    expect(readRange({ low: { value: 5, unit: '%' } })).toEqual({ ...between(5, Infinity), unit: '%' });
    expect(readRange({ high: { value: 5, unit: '%' } })).toEqual({ ...between(0, 5), unit: '%' });
    expect(readRange({ low: { unit: '%' } })).toBeNull();
  });
});

describe('readNumber', () => {
  test.each<[string, Interval, string | null]>([
    ['1.5', between(1.5, 1.5), null],
    ['0.05 IU/mL', between(0.05, 0.05), '[IU]/mL'],
    ['<20 IU/mL', between(0, 20, { highOpen: true }), '[IU]/mL'],
    ['≤ 20', between(0, 20), null],
    ['≥5%', between(5, Infinity), '%'],
    ['> 295dB/m', between(295, Infinity, { lowOpen: true }), 'dB/m'],
    ['1.0E+03 IU/ml', between(1000, 1000), '[IU]/mL'],
    ['５-10%', between(5, 10), '%'],
    ['10 – 20 kPa', between(10, 20), 'kPa'],
    ['120×10^9/L', between(120, 120), '10*9/L'],
    ['120 ×10⁹/L', between(120, 120), '10*9/L'],
    ['  7  ', between(7, 7), null],
  ])('%s', (text, interval, unit) => {
    expect(readNumber(text)).toEqual({ ...interval, unit });
  });

  test.each(['', '阴性', 'about 5', '-3', '+', '<', 'S2'])('%j is no number', (text) => {
    expect(readNumber(text)).toBeNull();
  });
});

describe('inUnit', () => {
  test.each<[number, string | null, string, number]>([
    [150, '10*9/L', '10*9/L', 150],
    [150_000, '/uL', '10*9/L', 150],
    [150, '10*3/uL', '10*9/L', 150],
    [50, '10*9/L', '/uL', 50_000],
    [150_000, '/mm3', '10*9/L', 150],
    [0.15, '10*12/L', '10*9/L', 150],
    [1.2, '{INR}', '1', 1.2],
    [1.2, '1', '{INR}', 1.2],
    [1.2, null, '1', 1.2],
    [1.2, '{ratio}', '{INR}', 1.2],
    [0.335, '1', '%', 33.5],
    [9.4, 'kPa', 'kPa', 9.4],
    [12_400, 'Pa', 'kPa', 12.4],
    [18_000, 'ms', 's', 18],
    [1, 'min', 's', 60],
  ])('%d %s in %s is %d', (value, from, to, expected) => {
    expect(inUnit(exactly(value, from), to)).toMatchObject(between(expected, expected));
  });

  test.each<[string | null, string]>([
    ['kPa', 's'],
    ['mg/dL', '10*9/L'],
    [null, '10*9/L'],
    [null, 's'],
    ['nonsense', '1'],
    ['[IU]/mL', '{copies}/mL'],
  ])('%s does not convert to %s', (from, to) => {
    expect(inUnit(exactly(1, from), to)).toBeNull();
  });

  test('intervals keep what is open', () => {
    const below = readQuantity({ value: 50_000, comparator: '<', unit: '/uL' })!;
    expect(inUnit(below, '10*9/L')).toMatchObject(between(0, 50, { highOpen: true }));
    const above = readQuantity({ value: 50_000, comparator: '>', unit: '/uL' })!;
    expect(inUnit(above, '10*9/L')).toMatchObject(between(50, Infinity, { lowOpen: true }));
  });
});

describe('isBelow and isAbove', () => {
  test.each<[string, Interval, boolean | null, boolean | null]>([
    ['49.9', between(49.9, 49.9), true, false],
    ['50', between(50, 50), false, false],
    ['50.1', between(50.1, 50.1), false, true],
    ['<50', between(0, 50, { highOpen: true }), true, false],
    ['<=50', between(0, 50), null, false],
    ['>50', between(50, Infinity, { lowOpen: true }), false, true],
    ['>=50', between(50, Infinity), false, null],
    ['<51', between(0, 51, { highOpen: true }), null, null],
    ['40-60', between(40, 60), null, null],
    ['50-60', between(50, 60), false, null],
    ['40-50', between(40, 50), null, false],
  ])('%s against 50', (_text, interval, below, above) => {
    expect([isBelow(interval, 50), isAbove(interval, 50)]).toEqual([below, above]);
  });
});
