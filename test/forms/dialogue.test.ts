import { converse } from '../../src/forms/dialogue.ts';
import { readGiven, responseOf, selectedBeforehand } from '../../src/forms/fill.ts';
import { offeredOn } from '../../src/forms/in-force.ts';
import { CONSENT, type Desk, formOf, HEAD, openDesk, resources, SCAN } from './study-forms.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});

const ZONE = 'Asia/Shanghai';
/** 2025-06-01 noon in Shanghai. */
const SIGNED = { by: Date.parse(HEAD.at), zone: ZONE };
const DAY_OF_V2 = 19_949;

/** Holds a dialogue with the lines somebody types. */
async function typed(id: string, lines: string[], known = new Map()) {
  const form = formOf(desk, id);
  const asked: string[] = [];
  const told: string[] = [];
  const answers = await converse(form, known, {
    ask: async (question) => {
      asked.push(question);
      const line = lines.shift();
      if (line === undefined) throw new Error(`not answered: ${question}`);
      return line;
    },
    tell: (line) => told.push(line),
    offered: () => offeredOn(form, desk.study, desk.site, DAY_OF_V2),
    signed: SIGNED,
  });
  expect(lines).toEqual([]);
  return { response: responseOf(form, answers, HEAD), asked, told };
}

test('asks in both languages what is to be asked, takes numbers and words, offers the version in force', async () => {
  const { response, asked } = await typed('consent', ['2024-08-14 10:30', '', '1', '同意', '1，2,tissue', SCAN]);
  expect(asked.map((question) => question.split('\n')[0])).toEqual([
    '签署日期和时间 / Date and time of signing (YYYY-MM-DD HH:MM)',
    '知情同意书版本 / Version of the form',
    '签署人 / Signed by',
    '决定 / Decision',
    '同意的用途 / Purposes consented to (1,2,…)',
    '扫描件的SHA-256（64位十六进制） / SHA-256 of the scan, 64 hexadecimal digits',
  ]);
  expect(asked[1]).toContain('\n  2  2.0版 / Version 2.0  ←\n');
  const [consent] = resources(desk, 'consent', response);
  expect(consent.policy).toEqual([{ uri: 'https://ncct.example.cn/NFEC-2023-207/icf/v2.0' }]);
  expect(consent.provision.provision[0].purpose.map(({ code }: { code: string }) => code)).toEqual(['omics', 'abroad']);
});

test('asks again until the answer is right, and never repeats it', async () => {
  const lines = [
    '张三',
    'KIT-1',
    'KIT-000123',
    '9',
    '1',
    '2025-06-02 08:00',
    '2025-06-01 08:00',
    'viel',
    '-3',
    '30',
    '',
    '1',
    '',
  ];
  const { response, told } = await typed('specimen', lines);
  expect(resources(desk, 'specimen', response)).toHaveLength(1);
  expect(told).toEqual([
    '  ✗ The answer is not written as the question asks.',
    '  ✗ The answer is not written as the question asks.',
    '  ✗ The answer is none of the options.',
    '  ✗ The time lies after the response was signed.',
    '  ✗ The answer is not of the type of the question.',
    '  ✗ The number is beyond what is plausible.',
    '  ✗ The question must be answered.',
  ]);
});

test('groups are headed, optional questions left out, what is known is not asked', async () => {
  const known = new Map([['temperature', [{ valueDecimal: 36.5 }]]]);
  const lines = ['2025-06-01', ...Array.from({ length: 8 }, () => '2'), '', '', '120', '80', '', ''];
  const { response, asked, told } = await typed('examination', lines, known);
  expect(told).toEqual(['\n体征 / Signs', '\n生命体征 / Vital signs', '\n血压 / Blood pressure']);
  expect(asked.some((question) => question.includes('temperature'))).toBe(false);
  expect(resources(desk, 'examination', response)).toHaveLength(10);
});

test('yes and no in both languages', async () => {
  const answers = ['是', 'n', '否', 'yes', 'false', 'N', 'true'];
  const lines = ['rash', '2025-05-30', '2025-05-30', 'mild', 'ongoing', ...answers, ''];
  const { response } = await typed('adverse-event', lines);
  const group = response.item!.find(({ linkId }) => linkId === 'seriousness')!;
  expect(group.item!.map(({ answer }) => answer![0]!.valueBoolean)).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
});

describe('answers in a file', () => {
  const read = (given: Record<string, unknown>) => {
    const { answers, faults } = readGiven(formOf(desk, 'consent'), given, ZONE);
    return faults.length > 0 ? faults.map(({ linkId, code }) => `${linkId} ${code}`) : Object.fromEntries(answers);
  };

  test.each<[string, unknown, string]>([
    ['a local time', '2024-08-15 10:30', '2024-08-15T10:30:00+08:00'],
    ['a local time with seconds', '2024-08-15T10:30:05', '2024-08-15T10:30:05+08:00'],
    ['an instant', '2024-08-15T02:30:00Z', '2024-08-15T02:30:00Z'],
    ['a day', '2024-08-15', '2024-08-15'],
    ['a time that does not exist', '2024-02-30 10:30', '2024-02-30 10:30'],
  ])('%s', (_, given, wanted) => {
    expect(read({ signed: given })).toEqual({ signed: [{ valueDateTime: wanted }] });
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['an unknown question', { when: '2024-08-15' }, ['when unknown-item']],
    ['one that names somebody', { 张三: 1 }, ['? unknown-item']],
    ['an unknown option', { decision: 'maybe' }, ['decision not-an-option']],
    ['an object', { signed: { day: 1 } }, ['signed wrong-type']],
    ['a list inside a list', { purpose: [['data']] }, ['purpose not-an-option']],
  ])('%s', (_, given, wanted) => {
    expect(read(given)).toEqual(wanted);
  });

  test('what is selected beforehand holds where nothing is said, and only there', () => {
    const form = offeredOn(formOf(desk, 'consent'), desk.study, desk.site, DAY_OF_V2);
    const version = (given: Record<string, unknown>) =>
      selectedBeforehand(form, readGiven(form, given, ZONE).answers).get('version')![0]!.valueCoding!;
    const { version: _, ...rest } = CONSENT;
    expect(version(rest)).toEqual({
      system: 'https://ncct.example.cn/NFEC-2023-207/icf',
      code: 'v2.0',
      display: '2.0版',
    });
    expect(version(CONSENT).code).toBe('v3.0');
  });
});
