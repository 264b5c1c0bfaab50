import fc from 'fast-check';
import { type QualitativeReading, readQualitative } from '../../src/terminology/qualitative.ts';

const expected: Record<QualitativeReading | 'nothing', string[]> = {
  positive: [
    ...[
      '阳性',
      '陽性',
      '阳性(+)',
      '阳性（＋）',
      '阳性(+++)',
      '(+)',
      '（＋）',
      '+',
      '＋',
      '++',
      '3+',
      '[+]',
      'HBsAg(+)',
      '阳性+',
    ],
    ...[
      'Positive',
      'POS',
      'pos.',
      'Reactive',
      'Detected',
      'HBV DNA detected',
      'detectable',
      '检出',
      '检测到',
      '檢出',
      '反应性',
    ],
    ...['阳性 250.3 IU/mL', '检出, 1.7E+08 IU/mL', '250.01(+)', 'HIV初筛阳性', '阳性(1:64)'],
  ],
  negative: [
    ...['阴性', '陰性', '阴性(-)', '阴性（－）', '(-)', '（－）', '-', '－', '−', 'HBsAg (-)', '0.02(-)', '[-]'],
    ...[
      'Negative',
      'neg',
      'Non-reactive',
      'nonreactive',
      'Non reactive',
      'Not detected',
      'NOT REACTIVE',
      'Undetectable',
    ],
    ...['HIV-1 RNA not detected', 'None detected', 'No HBV DNA detected', 'TND', 'Target not detected'],
    ...['未检出', '未檢出', '未检测到', '没有检出', '检测不到', '测不出', '无反应性', '非反应性', '未检出HIV抗体'],
    ...['未检出(<20 IU/mL)', 'Target not detected, <20', '未检出，检测下限 20 IU/mL', '阴性(<1.0)'],
  ],
  indeterminate: [
    ...[
      '弱阳性',
      '弱阳性(±)',
      '(±)',
      '±',
      '+/-',
      '+-',
      '(+/-)',
      '可疑',
      '可疑阳性',
      '灰区',
      '不确定',
      '临界',
      '弱反应性',
    ],
    ...[
      'Indeterminate',
      'Equivocal',
      'Borderline',
      'weakly positive',
      'weak positive',
      'Grey zone',
      'gray-zone',
      'trace',
    ],
    ...['阳性，待确证', '待复查', '不排除阳性', '假阳性', 'false positive', '非阳性', 'not positive'],
    ...['阳性(-)', '阴性(+)', '阴性(±)', 'HBsAg阳性，HBeAg阴性', 'positive / negative'],
  ],
  'below-limit': [
    ...['<20', '＜20', '< 2.0E+01 IU/mL', '<=20', '≤20', 'HBV DNA<20IU/ml', '<LOD', '< LLOQ'],
    ...[
      '低于检测下限',
      '低于定量下限',
      '低於檢測下限',
      '小于最低检测限',
      '<检测下限',
      'below the limit of quantification',
      'Below LLOQ',
    ],
    ...['检出，<20 IU/mL', 'Detected, < 20', '检测到，低于定量下限'],
  ],
  nothing: [
    '',
    ' ',
    '—',
    '--',
    '250',
    '>1000',
    '1.7E+08',
    '未检测',
    '未做',
    'not tested',
    '见报告',
    'ND',
    'HIV-1',
    '正常',
    '1:64',
    '检出限 20',
  ],
};

for (const [reading, texts] of Object.entries(expected)) {
  test.each(texts)(`${reading}: %j`, (text) => {
    expect(readQualitative(text)).toBe(reading === 'nothing' ? null : reading);
  });
}

test('space around and within, and width of characters, do not matter', () => {
  const texts = Object.values(expected).flat();
  const wide = (text: string) => text.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0));
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.constantFrom(' ', '\t', '\n', '　'), (text, space) => {
      expect(readQualitative(`${space}${text}${space}`)).toBe(readQualitative(text));
      expect(readQualitative(wide(text))).toBe(readQualitative(text));
    }),
  );
});
