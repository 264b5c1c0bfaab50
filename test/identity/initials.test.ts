import type { r4 } from '../../src/fhir/resource.ts';
import { initialsOf } from '../../src/identity/initials.ts';

const coded = (code: string) => [
  { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: code },
];
const han = (family: string, given: string, more: Partial<r4.HumanName> = {}): r4.HumanName => ({
  use: 'official',
  text: family + given,
  family,
  given: [given],
  ...more,
});
const latin = (family: string, given: string, code?: string): r4.HumanName => ({
  text: `${family} ${given}`,
  family,
  given: [given],
  ...(code ? { extension: coded(code) } : {}),
});

describe('Chinese characters', () => {
  test.each([
    ['王', '伟', 'WW'],
    ['张', '秀英', 'ZXY'],
    ['李', '建国', 'LJG'],
    // Surnames read otherwise than the word.
    ['单', '雄信', 'SXX'],
    ['曾', '国藩', 'ZGF'],
    ['仇', '英', 'QY'],
    ['解', '缙', 'XJ'],
    ['查', '良镛', 'ZLY'],
    ['盖', '叫天', 'GJT'],
    ['区', '志航', 'OZH'],
    ['朴', '树', 'PS'],
    ['乐', '毅', 'YY'],
    ['种', '师道', 'CSD'],
    ['折', '克行', 'SKX'],
    ['秘', '彭祖', 'BPZ'],
    ['祭', '遵', 'ZZ'],
    ['缪', '贤', 'MX'],
    ['翟', '让', 'ZR'],
    ['员', '半千', 'YBQ'],
    ['召', '平', 'SP'],
    ['繁', '钦', 'PQ'],
    ['單', '雄信', 'SXX'],
    ['區', '志航', 'OZH'],
    ['樂', '毅', 'YY'],
    // The same characters in a given name.
    ['张', '单', 'ZD'],
    ['王', '曾', 'WC'],
    ['李', '种', 'LZ'],
    // Compound surnames.
    ['欧阳', '娜娜', 'OYNN'],
    ['司马', '光', 'SMG'],
    ['上官', '婉儿', 'SGWE'],
    ['诸葛', '亮', 'ZGL'],
    ['慕容', '复', 'MRF'],
    ['尉迟', '恭', 'YCG'],
    ['尉遲', '恭', 'YCG'],
    ['万俟', '卨', 'MQX'],
    ['长孙', '无忌', 'ZSWJ'],
    ['澹台', '灭明', 'TTMM'],
    ['单于', '丹', 'CYD'],
    ['皇甫', '嵩', 'HFS'],
    // Rare, but read.
    ['陈', '㛃', 'CJ'],
    ['王', '囍', 'WX'],
    ['张', '\u{2CD02}', 'ZF'],
  ])('%s %s is %s', (family, given, expected) => {
    expect(initialsOf([han(family, given)])).toBe(expected);
    // Only 单于 needs to be told apart: a text alone is 单 and 于 as well.
    if (family !== '单于') expect(initialsOf([{ text: family + given }])).toBe(expected);
  });

  test.each([
    ['单于丹', 'SYD'],
    ['张 伟', 'ZW'],
    ['张　伟', 'ZW'],
    ['尉迟恭', 'YCG'],
    ['欧阳娜娜', 'OYNN'],
    ['张', 'Z'],
  ])('text %s is %s', (text, expected) => {
    expect(initialsOf([{ text }])).toBe(expected);
  });

  test.each([
    ['extension B without a reading', '张𡌥'],
    ['at the head', '𠮷野'],
    ['extension G', '张\u{30000}'],
    ['private use', '张\u{E000}'],
    ['masked', '张*'],
    ['masked by a word', '张某'],
    ['a remark', '张伟(女)'],
    ['a number', '张伟2'],
    ['a question mark for a character lost', '张?伟'],
    ['letters among characters', '张A'],
    ['nothing', ''],
    ['blanks', '  '],
  ])('%s: nothing is guessed', (_, text) => {
    expect(initialsOf([{ text }])).toBeNull();
    expect(initialsOf([{ family: text.slice(0, 1), given: [text.slice(1)], text }])).toBeNull();
  });
});

describe('names with a middle dot', () => {
  test.each([
    ['阿依古丽·买买提', 'AM'],
    ['扎西·次仁', 'ZC'],
    ['阿卜杜拉•买买提', 'AM'],
    ['阿依古丽・买买提', 'AM'],
    ['阿依古丽．买买提', 'AM'],
    ['阿依古丽 · 买买提', 'AM'],
    ['努尔·白克力·江', 'NBJ'],
    ['阿依古丽·', 'A'],
    ['𠮷依·买买提', null],
  ])('%s is %s', (text, expected) => {
    expect(initialsOf([{ text }])).toBe(expected);
    expect(initialsOf([{ text, family: text.split(/[^\p{Script=Han}]/u)[0]! }])).toBe(expected);
  });

  test.each([
    ['扎西·次仁', 'Zhaxi Ciren', 'ZC'],
    ['阿卜杜拉·买买提', 'Abdulla Memet', 'AM'],
    ['古丽娜·艾山', 'Gulina Hasan', 'GH'],
  ])('%s with %s is %s', (text, pinyin, expected) => {
    expect(initialsOf([{ text }, { text: pinyin, extension: coded('SYL') }])).toBe(expected);
  });
});

describe('pinyin that was sent along', () => {
  test.each([
    ['Ouyang', 'Nana', 'OYNN'],
    ['Wang', 'Xiuying', 'WXY'],
    ['Li', 'Jianguo', 'LJG'],
    ['OUYANG', 'NANA', 'OYNN'],
    ['Zhāng', 'Wěi', 'ZW'],
    ['Zhang1', 'Wei3', 'ZW'],
    ['Lü', 'Bu', 'LB'],
    ['Lv', 'Bu', 'LB'],
    ['Lyu', 'Bu', 'LB'],
    ['Zhang', "Xi'an", 'ZXA'],
    ['Zhang', 'Xi’an', 'ZXA'],
    ['Zhang', 'Xian', 'ZX'],
    ['Zhang', 'Fangan', 'ZFG'],
    ['Zhang', 'Xiu-Ying', 'ZXY'],
  ])('%s %s alone is %s', (family, given, expected) => {
    expect(initialsOf([latin(family, given, 'SYL')])).toBe(expected);
    expect(initialsOf([{ text: `${family} ${given}`, extension: coded('SYL') }])).toBe(expected);
  });

  test.each([
    ['tells which reading is used', han('覃', '小雨'), latin('Tan', 'Xiaoyu', 'SYL'), 'TXY'],
    ['reads what no dictionary knows', han('张', '𡌥'), latin('Zhang', 'Kui', 'SYL'), 'ZK'],
    ['apostrophe left out, two characters', han('张', '西安'), latin('Zhang', 'Xian', 'SYL'), 'ZXA'],
    ['apostrophe left out, one character', han('张', '贤'), latin('Zhang', 'Xian', 'SYL'), 'ZX'],
    ['apostrophe left out, no other way', han('李', '伟安'), latin('Li', 'Weian'), 'LWA'],
    ['cut in two ways, the characters tell', han('张', '方安'), latin('Zhang', 'Fangan', 'SYL'), 'ZFA'],
    ['cut in two ways, the other characters', han('张', '凡甘'), latin('Zhang', 'Fangan', 'SYL'), 'ZFG'],
    ['cut in two ways, the rule tells', han('张', '𡌥甘'), latin('Zhang', 'Fangan', 'SYL'), 'ZFG'],
    ['cut in two ways, neither by the rule', han('张', '𡌥安方安'), latin('Zhang', 'Weian Fangan', 'SYL'), null],
    ['declared an alphabet', han('欧阳', '娜娜'), latin('Ouyang', 'Nana', 'ABC'), 'OYNN'],
    ['not declared, but it fits', han('朴', '树'), latin('Piao', 'Shu'), 'PS'],
    ['not declared, and another name', han('张', '伟'), latin('Smith', 'Tony'), 'ZW'],
    ['not declared, other syllables', han('李', '娜'), latin('Li', 'Dana'), 'LN'],
    ['declared, in another romanization', han('周', '润发'), latin('Chow', 'Yun Fat', 'SYL'), 'CYF'],
    ['declared, and does not fit', han('周', '润发'), latin('Chow', 'Yunfat', 'SYL'), 'ZRF'],
    ['given name first', han('张', '伟'), { text: 'Wei Zhang', extension: coded('SYL') }, 'ZW'],
    ['unreadable both', han('张', '𡌥'), latin('Smith', 'Tony'), null],
  ])('%s', (_, chinese, pinyin, expected) => {
    expect(initialsOf([chinese, pinyin])).toBe(expected);
    expect(initialsOf([pinyin, chinese])).toBe(expected);
  });
});

describe('names in Latin letters', () => {
  test.each([
    [{ family: 'Smith', given: ['John'], text: 'John Smith' }, 'SJ'],
    [{ family: 'Smith', given: ['John', 'Paul'] }, 'SJP'],
    [{ text: 'John Smith' }, 'JS'],
    [{ family: 'Lee', given: ['Anna'] }, 'LA'],
    [{ family: "O'Brien", given: ['Jean-Luc'] }, 'OJL'],
    [{ family: 'García', given: ['José'] }, 'GJ'],
    [{ text: 'Иван Петров' }, null],
    [{ given: ['Pelé'] }, 'P'],
  ])('%j is %s', (name, expected) => {
    expect(initialsOf([name])).toBe(expected);
  });
});

describe('several names', () => {
  test('official before usual, usual before none, and former ones only alone', () => {
    const [old, usual, official] = [
      han('李', '芳', { use: 'old' }),
      han('王', '芳', { use: 'usual' }),
      han('张', '芳', { use: 'official' }),
    ];
    expect(initialsOf([old, usual, official])).toBe('ZF');
    expect(initialsOf([old, usual])).toBe('WF');
    expect(initialsOf([old])).toBe('LF');
    expect(initialsOf([old, { text: '张𡌥', use: 'official' }])).toBeNull();
    expect(initialsOf([han('王', '芳', { period: { end: '2020-01-01' } }), han('张', '芳', { use: 'usual' })])).toBe(
      'ZF',
    );
    expect(initialsOf([han('王', '芳', { period: { end: '2020-01-01' } })])).toBe('WF');
  });

  test('no nickname, no cover name, no name', () => {
    expect(initialsOf([{ text: '小芳', use: 'nickname' }])).toBeNull();
    expect(initialsOf([{ text: '张三', use: 'anonymous' }])).toBeNull();
    expect(initialsOf([{}])).toBeNull();
    expect(initialsOf([])).toBeNull();
  });
});
