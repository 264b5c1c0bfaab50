import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotStart } from '../../src/commands/exit.ts';
import { type FormFillOptions, type FormTools, formFill, formList } from '../../src/commands/form.ts';
import { answersInFile, type FormDesk } from '../../src/commands/form-answers.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { formOf, openDesk } from '../forms/study-forms.ts';
import { folder, SITES_FOLDER, STUDY } from './command.ts';

const WHERE = { study: STUDY, sites: SITES_FOLDER, site: 'nf' };
const SCAN = 'ab'.repeat(32);
const ANSWERS = `signed: 2024-08-14 10:30
signer: patient
decision: permit
purpose: [data, blood, tissue, omics]
scan: ${SCAN}
`;

let out: string;
beforeEach(async () => {
  out = await folder();
});

/** What the standard streams get while something runs. */
async function streams(work: () => Promise<number>): Promise<{ code: number; stdout: string; stderr: string }> {
  const texts = { stdout: '', stderr: '' };
  const names = ['stdout', 'stderr'] as const;
  const written = names.map((name) => process[name].write);
  for (const name of names) {
    process[name].write = ((text: string) => {
      texts[name] += text;
      return true;
    }) as typeof process.stdout.write;
  }
  try {
    return { code: await work(), ...texts };
  } finally {
    for (const [at, name] of names.entries()) process[name].write = written[at]!;
  }
}

async function filled(
  given: string | null,
  options: Partial<FormFillOptions> = {},
  tools: FormTools = {},
  form = 'consent',
) {
  const answers = join(out, 'answers.yaml');
  if (given !== null) await writeFile(answers, given);
  const all = {
    ...WHERE,
    by: 'Practitioner/7',
    asOf: '2025-06-01',
    ...(given === null ? {} : { answers }),
    ...options,
  };
  return streams(() => formFill(form, 'Patient/nf-p-000001', all, { newId: () => 'qr-9', ...tools }));
}

// biome-ignore lint/suspicious/noExplicitAny: the tests look at rows as scripts of others do.
const rowsOf = (text: string): any[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('list shows the forms and the version in force at a site on a day', async () => {
  const on = async (asOf: string) => (await streams(() => formList({ ...WHERE, asOf }))).stdout;
  expect(await on('2024-08-14')).toBe(
    [
      'adverse-event  不良事件报告 / Report of an adverse event',
      'consent  知情同意登记 / Registration of a signed consent',
      '  nf: v2.0 2024-08-14',
      'examination  体格检查 / Physical examination',
      'specimen  样本采集 / Collection of a specimen',
      '',
    ].join('\n'),
  );
  expect(await on('2024-08-15')).toContain('  nf: v3.0 2024-08-15\n');
});

test.each([
  ['2024-08-14', 'v2.0'],
  ['2024-08-15', 'v3.0'],
])('a consent signed on %s is offered %s', async (day, version) => {
  const { code, stdout, stderr } = await filled(ANSWERS.replace('2024-08-14', day));
  expect(code).toBe(0);
  const [response, consent] = rowsOf(stdout);
  expect(response).toMatchObject({
    resourceType: 'QuestionnaireResponse',
    id: 'qr-9',
    meta: { versionId: '1', lastUpdated: '2025-06-01T15:59:59.999Z', source: 'https://nf.example.cn/fhir' },
    questionnaire: 'https://ncct.example.cn/NFEC-2023-207/form/consent|1.0.0',
    status: 'completed',
    subject: { reference: 'Patient/nf-p-000001' },
    authored: '2025-06-01T15:59:59.999Z',
    author: { reference: 'Practitioner/7' },
  });
  expect(consent.policy).toEqual([{ uri: `https://ncct.example.cn/NFEC-2023-207/icf/${version}` }]);
  expect(stderr).toContain(`in force on the day of signing: ${version}.\n`);
  expect(stderr).toContain('QuestionnaireResponse 1, Consent 1.\n');
});

test('another version is recorded, and told', async () => {
  const { stdout, stderr } = await filled(`${ANSWERS}version: v3.0\n`);
  expect(rowsOf(stdout)[1].policy[0].uri).toMatch(/v3\.0$/);
  expect(stderr).toContain('in force on the day of signing: v2.0. 签署的是v3.0 / signed was v3.0\n');
});

test('the scan is hashed', async () => {
  const scan = join(out, 'scan.pdf');
  await writeFile(scan, 'paper');
  const { stdout } = await filled(ANSWERS.replace(SCAN, 'null'), { scan });
  const wanted = createHash('sha256').update('paper').digest('base64url');
  expect(rowsOf(stdout)[1].sourceReference.identifier.value).toBe(`ni:///sha-256;${wanted}`);
});

test('--out is written once, --store goes to intake', async () => {
  const file = join(out, 'consent.ndjson');
  expect((await filled(ANSWERS, { out: file })).stdout).toBe('');
  expect(rowsOf(await readFile(file, 'utf8')).map(({ resourceType }) => resourceType)).toEqual([
    'QuestionnaireResponse',
    'Consent',
  ]);
  await expect(filled(ANSWERS, { out: file })).rejects.toThrow('is there already');
  const taken: FhirResource[][] = [];
  const takeInResources = async (resources: FhirResource[]) => {
    taken.push(resources);
  };
  expect((await filled(ANSWERS, { store: 'any' }, { takeInResources })).stdout).toBe('');
  expect(taken.map((one) => one.map(({ resourceType }) => resourceType))).toEqual([
    ['QuestionnaireResponse', 'Consent'],
  ]);
});

test('amending keeps the id and raises the version; retracting asks nothing', async () => {
  const amended = rowsOf((await filled(ANSWERS, { amends: 'QuestionnaireResponse/qr-1/_history/3' })).stdout);
  expect([amended[0].id, amended[0].meta.versionId, amended[0].status]).toEqual(['qr-1', '4', 'amended']);
  expect(amended.map(({ resourceType, meta }) => `${resourceType} ${meta.versionId}`)).toEqual([
    'QuestionnaireResponse 4',
    'RelatedPerson 4',
    'Consent 4',
  ]);
  const retracted = rowsOf((await filled(null, { retracts: 'qr-1' })).stdout);
  expect(retracted.map(({ resourceType, status, active }) => `${resourceType} ${status ?? active}`)).toEqual([
    'QuestionnaireResponse entered-in-error',
    'RelatedPerson false',
    'Consent entered-in-error',
  ]);
  expect(retracted[2].id).toBe(amended[2].id);
});

test('at the terminal', async () => {
  const lines = ['2024-08-15 09:00', '', '1', '1', '1,2,3,4', SCAN];
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return lines.shift()!;
  };
  const { stdout } = await filled(null, { by: 'staff-7' }, { ask });
  expect(asked[1]).toContain('3.0版 / Version 3.0  ←');
  const [response, consent] = rowsOf(stdout);
  expect(response.author).toEqual({ type: 'Practitioner', identifier: { value: 'staff-7' } });
  expect(consent).toMatchObject({ status: 'active', dateTime: '2024-08-15T09:00:00+08:00' });
});

test.each<[string, string | null, Partial<FormFillOptions>, string, string]>([
  ['no terminal', null, {}, 'consent', 'There is no terminal to ask at'],
  ['an unknown form', ANSWERS, {}, 'diary', 'There is no form "diary": adverse-event, consent, examination, specimen.'],
  ['no site', ANSWERS, { site: undefined }, 'consent', 'Say with --site'],
  ['an unknown site', ANSWERS, { site: 'xx' }, 'consent', 'There is no site "xx"'],
  ['an answer missing', ANSWERS.replace(/scan.*/, ''), {}, 'consent', 'scan (missing): The question must be answered.'],
  ['an id that is none', ANSWERS, { amends: 'a b' }, 'consent', '--amends and --retracts take'],
  ['an empty id', null, { retracts: '' }, 'consent', '--amends and --retracts take'],
  ['both at once', ANSWERS, { retracts: 'qr-1' }, 'consent', '--retracts takes a whole response back'],
  ['a clock that is none', ANSWERS, { asOf: 'today' }, 'consent', '--as-of takes a day'],
])('%s ends the command', async (_, given, options, form, wanted) => {
  const refused = await filled(given, options, {}, form).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CannotStart);
  expect((refused as Error).message).toContain(wanted);
});

describe('a file of answers that is not right ends the command, without an answer in the message', () => {
  const desk = async (id: string, scan?: string): Promise<FormDesk> => {
    const form = formOf(await openDesk(), id);
    return { form, offered: () => form, signed: { by: 0, zone: 'Asia/Shanghai' }, scan };
  };

  test.each<[string, string | null, string, string | undefined, string]>([
    ['not there', null, 'consent', undefined, '--answers cannot be read'],
    ['a list', '- secret', 'consent', undefined, 'must be YAML or JSON'],
    ['no YAML', 'secret: [', 'consent', undefined, 'must be YAML or JSON'],
    [
      'no option',
      'decision: secret',
      'consent',
      undefined,
      'decision (not-an-option): The answer is none of the options.',
    ],
    ['no scan', 'decision: permit', 'consent', '/nowhere', '--scan cannot be read'],
    ['a scan of blood', 'volume: 30', 'specimen', '/nowhere', 'scan (unknown-item)'],
  ])('%s', async (_, text, form, scan, wanted) => {
    const path = join(out, 'answers.yaml');
    if (text !== null) await writeFile(path, text);
    const refused = await answersInFile(path, await desk(form, scan)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CannotStart);
    expect((refused as Error).message).toContain(wanted);
    expect((refused as Error).message).not.toContain('secret');
  });
});
