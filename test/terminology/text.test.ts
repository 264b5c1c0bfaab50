import fc from 'fast-check';
import { compileTextRules } from '../../src/terminology/text.ts';
import { compiled, faultPaths } from './site-example.ts';

const negationBefore = ['非', '无', '未见', '排除', '不伴', '待查', '否认', 'no', 'without', 'no evidence of'];
const content = {
  clauseBreaks: '[,，。;；、\n!?！？]',
  negation: {
    before: negationBefore,
    after: ['待查', '待排', '?', '除外', 'ruled out'],
    protect: ['非酒精性', '非典型', '无症状'],
  },
  notAboutThePatient: ['家族史', '父亲', '母亲', 'family history'],
  rules: [
    {
      concept: 'hemangioma',
      any: ['肝.{0,8}血管瘤', 'ha?emangioma of (the )?liver'],
      unless: ['皮肤血管瘤'],
      tokens: ['血管瘤', 'hemangioma', 'haemangioma'],
    },
    { concept: 'fatty', any: ['(酒精性)?脂肪(性)?肝', 'nafld'], tokens: ['脂肪', 'nafld'] },
    { concept: 'alcoholic', any: ['酒精性脂肪(性)?肝'], tokens: ['酒精性'] },
    { concept: 'cirrhosis', any: ['肝硬化', 'cirrhosis'], tokens: ['硬化', 'cirrhosis'] },
    { concept: 'hbv', any: ['乙(型)?肝', 'hbv'], unless: ['疫苗'], tokens: ['乙', 'hbv'] },
  ],
};
const rules = compiled(compileTextRules({ source: 'rules.yaml', content }, null));
const suggest = (text: string) => [...rules.suggest(text)].sort();

test.each<[string, string[]]>([
  ['肝左叶血管瘤', ['hemangioma']],
  ['肝 左 叶\t血管瘤', ['hemangioma']],
  ['肝左葉血管瘤', ['hemangioma']],
  ['慢性乙型病毒性肝炎？乙肝', ['hbv']],
  ['ＨＢＶ感染', ['hbv']],
  ['HEMANGIOMA OF THE LIVER, 3 cm', ['hemangioma']],
  ['乙肝后肝硬化；脂肪肝', ['cirrhosis', 'fatty', 'hbv']],
  ['肝囊肿，皮肤血管瘤', []],
  ['肝区皮肤血管瘤', []],
  ['肝囊肿，血管瘤', []],
  ['乙肝疫苗接种，脂肪肝', ['fatty']],
  ['', []],
  ['高血压', []],
])('%s', (text, expected) => {
  expect(suggest(text)).toEqual(expected);
});

describe('negation', () => {
  test.each<[string, string[]]>([
    ['未见肝硬化', []],
    ['肝脏未见血管瘤', []],
    ['非肝硬化性门脉高压', []],
    ['肝硬化？', []],
    ['肝硬化(?)，脂肪肝', ['fatty']],
    ['肝硬化待查', []],
    ['肝癌除外血管瘤', ['hemangioma']],
    ['肝血管瘤除外', []],
    ['脂肪肝，肝硬化待排，乙肝', ['fatty', 'hbv']],
    ['腹痛待查，脂肪肝', ['fatty']],
    ['未见肝硬化，有脂肪肝', ['fatty']],
    ['无肝硬化。肝硬化', ['cirrhosis']],
    ['肝硬化，无肝硬化', ['cirrhosis']],
    ['肝硬化无腹水', ['cirrhosis']],
    ['Cirrhosis ruled out; NAFLD', ['fatty']],
    ['without cirrhosis', []],
    ['diagnosis of cirrhosis', ['cirrhosis']],
    ['nodular cirrhosis', ['cirrhosis']],
  ])('%s', (text, expected) => {
    expect(suggest(text)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['非酒精性脂肪性肝病', ['fatty']],
    ['酒精性脂肪肝', ['alcoholic', 'fatty']],
    ['无非酒精性脂肪肝', []],
    ['无症状肝血管瘤', ['hemangioma']],
  ])('protected words: %s', (text, expected) => {
    expect(suggest(text)).toEqual(expected);
  });

  test.each<[string, string[]]>([
    ['无肝炎、肝硬化及脂肪肝', []],
    ['无肝硬化和脂肪肝或乙肝', []],
    ['否认乙肝、结核、肝硬化，脂肪肝5年', ['fatty']],
    ['无腹水、有肝硬化、脂肪肝', ['cirrhosis', 'fatty']],
    ['未见腹水、伴脂肪肝', ['fatty']],
    ['非肝硬化性门脉高压、脂肪肝', ['fatty']],
    ['非酒精性脂肪肝、肝硬化', ['cirrhosis', 'fatty']],
    ['腹痛待查、脂肪肝', ['fatty']],
    ['肝硬化、无腹水', ['cirrhosis']],
    ['1、无肝硬化 2、脂肪肝', ['fatty']],
    ['1.腹痛待查 2.脂肪肝', ['fatty']],
    ['(1)无肝硬化(2)脂肪肝', ['fatty']],
    ['无hiv 1、2型感染、乙肝', []],
    ['无1.5cm脂肪肝', []],
  ])('over a list: %s', (text, expected) => {
    expect(suggest(text)).toEqual(expected);
  });
});

test.each<[string, string[]]>([
  ['家族史：父亲肝硬化', []],
  ['家族史:肝硬化，乙肝。患者脂肪肝', ['fatty']],
  ['脂肪肝，父亲肝硬化', ['fatty']],
  ['脂肪肝家族史', []],
  ['家族史：1.肝硬化 2.乙肝。脂肪肝', ['fatty']],
  ['家族史：\n肝硬化\n诊断：脂肪肝', ['fatty']],
  ['Family history of cirrhosis\nNAFLD', ['fatty']],
])('not about the patient: %s', (text, expected) => {
  expect(suggest(text)).toEqual(expected);
});

test('what a scan needs to know', () => {
  expect([...rules.tokens()]).toEqual([
    ...['血管瘤', 'hemangioma', 'haemangioma', '脂肪', 'nafld', '酒精性', '硬化', 'cirrhosis', '乙', 'hbv'],
  ]);
  expect([...rules.concepts()]).toEqual(['hemangioma', 'fatty', 'alcoholic', 'cirrhosis', 'hbv']);
});

test('words of the file may end a list, and say which negations reach over none', () => {
  const other = { ...content, negation: { ...content.negation, prefixes: ['无'], resume: ['另'] } };
  const changed = compiled(compileTextRules({ source: 'x', content: other }, null));
  expect([...changed.suggest('无腹水、肝硬化')]).toEqual(['cirrhosis']);
  expect([...changed.suggest('未见腹水、有肝硬化、另脂肪肝')]).toEqual(['fatty']);
});

test('a pattern that begins with a character outside the basic plane comes to an end', () => {
  const rare = { ...content, rules: [{ concept: 'rare', any: ['𠀀'], tokens: ['𠀀'] }] };
  const changed = compiled(compileTextRules({ source: 'x', content: rare }, null));
  expect([...changed.suggest('无𠀀')]).toEqual([]);
  expect([...changed.suggest('𠀀')]).toEqual(['rare']);
});

describe('faults', () => {
  const faulty = (change: Record<string, unknown>) =>
    faultPaths(compileTextRules({ source: 'r', content: { ...content, ...change } }, null));
  const rule = { concept: 'x', any: ['肝'], tokens: ['肝'] };

  test.each<[string, Record<string, unknown>, string[]]>([
    ['no tokens', { ...rule, tokens: undefined }, ['r rules[0].tokens']],
    ['empty tokens', { ...rule, tokens: [] }, ['r rules[0].tokens']],
    ['a bad expression', { ...rule, any: ['肝', '(肝'] }, ['r rules[0].any[1]']],
    ['a bad exception', { ...rule, unless: ['['] }, ['r rules[0].unless[0]']],
    ['an expression that matches nothing at all', { ...rule, any: ['肝?'] }, ['r rules[0].any[0]']],
    ['upper case', { ...rule, any: ['HBV'] }, ['r rules[0].any[0]']],
    ['traditional characters', { ...rule, any: ['肝臟'] }, ['r rules[0].any[0]']],
    ['no expression', { ...rule, any: [] }, ['r rules[0].any']],
    ['a misspelt element', { ...rule, unles: ['皮'] }, ['r rules[0].unles']],
    ['no concept', { ...rule, concept: undefined }, ['r rules[0].concept']],
    ['an unquoted number', { ...rule, tokens: [7] }, ['r rules[0].tokens[0]', 'r rules[0].tokens']],
  ])('%s', (_, broken, expected) => {
    expect(faulty({ rules: [broken] })).toEqual(expected);
  });

  test('classes in upper case are no upper-case text', () => {
    expect(
      compileTextRules(
        { source: 'r', content: { ...content, rules: [{ ...rule, any: ['肝\\S\\p{Script=Han}'] }] } },
        null,
      ).ok,
    ).toBe(true);
  });

  test('of the file', () => {
    expect(faulty({ clauseBreaks: '[' })).toEqual(['r clauseBreaks']);
    expect(faulty({ clauseBreaks: '' })).toEqual(['r clauseBreaks']);
    expect(faulty({ negation: {} })).toEqual(['r negation.before']);
    expect(faulty({ negation: undefined })).toEqual(['r negation', 'r negation.before']);
    expect(faulty({ rules: [] })).toEqual(['r rules']);
    expect(faulty({ rule: [] })).toEqual(['r rule']);
    expect(faultPaths(compileTextRules({ source: 'r', content: null }, null))).toEqual(['r ']);
  });

  test('a concept that is no ValueSet of the study', () => {
    const known = new Set(['hemangioma', 'fatty', 'alcoholic', 'hbv']);
    expect(faultPaths(compileTextRules({ source: 'r', content }, known))).toEqual(['r rules[3].concept']);
  });
});

test('any negation before a finding in its clause takes the suggestion back', () => {
  const filler = fc.stringMatching(/^[甲丁戊己庚辛]{0,4}$/);
  const finding = fc.constantFrom('肝左叶血管瘤', '肝硬化', '脂肪肝', '乙肝', 'cirrhosis', 'nafld');
  const negation = fc.constantFrom(...negationBefore);
  fc.assert(
    fc.property(filler, negation, filler, finding, filler, (start, word, between, found, end) => {
      const gap = /[a-z]$/.test(word) ? ' ' : '';
      expect(suggest(`${start}${between}${found}${end}`)).toHaveLength(1);
      expect(suggest(`${start}${gap}${word}${gap}${between}${found}${end}`)).toEqual([]);
      expect(suggest(`${start}${word}。${between}${found}${end}`)).toHaveLength(1);
    }),
  );
});

test('sentences that name only the patient may stand in any order', () => {
  const sentence = fc.constantFrom(
    '肝硬化。',
    '无肝硬化。',
    '脂肪肝、乙肝。',
    '父亲乙肝，肝硬化。',
    '未见腹水、脂肪肝。',
  );
  const pair = fc
    .array(sentence, { maxLength: 5 })
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  fc.assert(
    fc.property(pair, ([list, other]) => {
      expect(suggest(other.join(''))).toEqual(suggest(list.join('')));
    }),
  );
});
