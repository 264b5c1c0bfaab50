import fc from 'fast-check';
import { normaliseText } from '../../src/terminology/normalise.ts';

test.each([
  ['ＨＢｓＡｇ（＋）', 'hbsag(+)'],
  ['肝臟 血管瘤', '肝脏血管瘤'],
  ['肝　血\t管 瘤', '肝血管瘤'],
  ['HBV 感染', 'hbv 感染'],
  ['liver  cyst', 'liver  cyst'],
  ['肝\n硬化', '肝\n硬化'],
  ['肝\r\n硬化', '肝\n硬化'],
  ['肝\u200b硬\ufeff化', '肝硬化'],
  ['肝 硬\u200b 化', '肝硬化'],
  ['⾁芽', '肉芽'],
  ['陽性', '阳性'],
])('%j → %j', (text, expected) => {
  expect(normaliseText(text)).toBe(expected);
});

test('normalising twice changes nothing more', () => {
  const han = fc.integer({ min: 0x3400, max: 0x9fff }).map((point) => String.fromCodePoint(point));
  const unit = fc.oneof(
    han,
    fc.constantFrom(' ', '\n', '\u200b', '，', '薴'),
    fc.string({ unit: 'grapheme', maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), (text) => {
      const once = normaliseText(text);
      expect(normaliseText(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});
