import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayFrom } from '../../src/fhir/time.ts';
import { formInForce, offeredOn } from '../../src/forms/in-force.ts';
import { formFor, loadForms } from '../../src/forms/load.ts';
import type { ConsentForm } from '../../src/study/model.ts';
import { CONSENT, type Desk, formOf, openDesk, respond, STUDY_FOLDER } from './study-forms.ts';

let desk: Desk;
let root: string;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'forms-'));
});
afterEach(() => rm(root, { recursive: true }));

test('the study has four forms, each found by its url', () => {
  expect([...desk.forms.values()].map(({ id }) => id)).toEqual(['adverse-event', 'consent', 'examination', 'specimen']);
  expect(formFor(respond(desk, 'consent', CONSENT), desk.forms)).toBe(formOf(desk, 'consent'));
  expect(formFor({ questionnaire: 'https://else.example/form' }, desk.forms)).toBeNull();
  expect(formFor({}, desk.forms)).toBeNull();
});

test('a study without forms has none', async () => {
  expect(await loadForms(root, desk.study)).toEqual({ ok: true, value: new Map() });
});

describe('a mistake is told with file and path', () => {
  test.each<[string, string, RegExp, string, string]>([
    [
      'no kind',
      'specimen',
      /"Specimen"/,
      '"Patient"',
      'specimen.yaml code: the code of the form must be a resource type: Consent, Specimen, Observation, AdverseEvent',
    ],
    ['a draft', 'specimen', /status: active/, 'status: draft', 'specimen.yaml status: only active forms are offered'],
    [
      'a question renamed',
      'specimen',
      /linkId: kit-id/,
      'linkId: kit',
      'specimen.yaml item: a form of this code asks "kit-id", of type string',
    ],
    [
      'a question of another type',
      'specimen',
      /type: dateTime/,
      'type: date',
      'specimen.yaml item[2]: a form of this code asks "collected", of type dateTime',
    ],
    [
      'two questions of one name',
      'examination',
      /linkId: height/,
      'linkId: weight',
      'examination.yaml item[2].item[5].linkId: two items have this linkId',
    ],
    [
      'a linkId of capitals',
      'examination',
      /linkId: height/,
      'linkId: Height',
      'examination.yaml item[2].item[4].linkId: a linkId is small letters, dots and hyphens',
    ],
    [
      'no translation',
      'specimen',
      /valueString: "Kit id"/,
      'valueString: "试剂盒编号"',
      'specimen.yaml item[0].text: the text is needed in Chinese, and in English as its translation',
    ],
    [
      'an unknown type',
      'adverse-event',
      /type: open-choice/,
      'type: url',
      'adverse-event.yaml item[0].type: questions of type url are not understood',
    ],
    [
      'a group that repeats',
      'examination',
      /type: group/,
      'type: group\n    repeats: true',
      'examination.yaml item[1].repeats: groups that repeat are not understood',
    ],
    [
      'a question inside a question',
      'specimen',
      /type: string/,
      'type: string\n    item: [{ linkId: inner, type: string, text: 内 }]',
      'specimen.yaml item[0].item: questions inside a question are not understood: use a group',
    ],
    [
      'a choice without options',
      'specimen',
      / {4}answerOption:(\n {6}- [^\n]*)+/,
      '',
      'specimen.yaml item[1]: the options are missing',
    ],
    [
      'an operator that is not understood',
      'specimen',
      /operator: "="/,
      'operator: ">"',
      'specimen.yaml item[3].enableWhen[0]: the operator must be one of exists, =, !=',
    ],
    [
      'a condition on nothing',
      'specimen',
      /question: kind/,
      'question: sort',
      'specimen.yaml item[3].enableWhen[0]: there is no such question',
    ],
    ['a regex that is none', 'specimen', /\[A-Z\]\{1,6\}/, '([', 'specimen.yaml item[0]: the regex is none'],
    [
      'an option without code',
      'specimen',
      /, code: "45048000"/,
      '',
      'specimen.yaml item[5].answerOption[2]: an option needs system and code',
    ],
    [
      'a number without unit',
      'examination',
      /- \{ url: \S+questionnaire-unit, [^\n]*"Cel"[^\n]*\n +/,
      '',
      'examination.yaml item[2].item[0]: a number with a code needs a unit',
    ],
    [
      'an observation in words',
      'examination',
      /type: decimal/,
      'type: string',
      'examination.yaml item[2].item[0]: an Observation carries no answer of type string',
    ],
    [
      'a version too few',
      'consent',
      /- valueCoding: [^\n]*"v1.0"[^\n]*\n +/,
      '',
      'consent.yaml item[1].answerOption: the versions must be those of consent-forms.yaml, by base and version',
    ],
    [
      'a decision of another code',
      'consent',
      /code: "deny"/,
      'code: "refuse"',
      'consent.yaml item[4].answerOption: the codes of the options must be permit, deny',
    ],
    ['a url missing', 'consent', /^url: .*$/m, '', 'consent.yaml : a form needs an id and a url'],
    [
      'another resource',
      'consent',
      /resourceType: Questionnaire/,
      'resourceType: Library',
      'consent.yaml : only Questionnaires stand here',
    ],
  ])('%s', async (_, id, find, put, wanted) => {
    await cp(join(STUDY_FOLDER, 'forms'), join(root, 'forms'), { recursive: true });
    const file = join(root, 'forms', `${id}.yaml`);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(find, put));
    const read = await loadForms(root, desk.study);
    if (read.ok) throw new Error('It loads.');
    const told = read.faults.map((fault) => `${fault.file} ${fault.path}: ${fault.message}`);
    expect(told).toContain(`forms/${wanted}`);
  });

  test('with the line, and YAML that is none', async () => {
    await cp(join(STUDY_FOLDER, 'forms'), join(root, 'forms'), { recursive: true });
    const text = await readFile(join(root, 'forms', 'specimen.yaml'), 'utf8');
    const broken = text.replace('status: active', 'status: draft');
    await writeFile(join(root, 'forms', 'specimen.yaml'), broken);
    await writeFile(join(root, 'forms', 'consent.yaml'), 'item: [');
    const read = await loadForms(root, desk.study);
    if (read.ok) throw new Error('It loads.');
    const line = broken.split('\n').indexOf('status: draft') + 1;
    expect(read.faults.map((fault) => [fault.file, fault.line])).toEqual([
      ['forms/consent.yaml', 1],
      ['forms/specimen.yaml', line],
    ]);
  });

  test('two forms of one url', async () => {
    await cp(join(STUDY_FOLDER, 'forms'), join(root, 'forms'), { recursive: true });
    await cp(join(root, 'forms', 'consent.yaml'), join(root, 'forms', 'consent-2.yaml'));
    const read = await loadForms(root, desk.study);
    expect(read).toEqual({
      ok: false,
      faults: [{ file: 'forms/consent.yaml', line: 5, path: 'url', message: 'two forms have this url' }],
    });
  });
});

describe('the version of the informed consent form', () => {
  const offered = (day: string) =>
    offeredOn(formOf(desk, 'consent'), desk.study, desk.site, dayFrom(day)!)
      .item!.find(({ linkId }) => linkId === 'version')!
      .answerOption!.map(
        ({ valueCoding, initialSelected }) => `${valueCoding!.code}${initialSelected ? ' offered' : ''}`,
      );

  test.each([
    ['2023-02-09', ['v1.0', 'v2.0', 'v3.0']],
    ['2023-02-10', ['v1.0 offered', 'v2.0', 'v3.0']],
    ['2024-08-14', ['v1.0', 'v2.0 offered', 'v3.0']],
    ['2024-08-15', ['v1.0', 'v2.0', 'v3.0 offered']],
  ])('on %s', (day, wanted) => {
    expect(offered(day)).toEqual(wanted);
  });

  test('a site has dates of its own, in whatever order the versions are listed', () => {
    const [one, two, three] = desk.study.forms as [ConsentForm, ConsentForm, ConsentForm];
    const own = { ...three, inForceFrom: { ...three.inForceFrom, nf: dayFrom('2024-09-01')! } };
    const at = (site: string) => formInForce({ forms: [own, one, two] }, { id: site }, dayFrom('2024-08-20')!)?.version;
    expect([at('nf'), at('ya')]).toEqual(['v2.0', 'v3.0']);
  });
});
