import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayText } from '../../src/fhir/time.ts';
import { REQUIRED_SETS } from '../../src/study/language.ts';
import { loadStudy } from '../../src/study/load.ts';
import { copyOf, emptyFolder, removeFolders, replaceIn, STUDY } from './copied-folder.ts';

afterAll(removeFolders);

async function loaded(root = STUDY) {
  const read = await loadStudy(root);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.value;
}

describe('the study of this repository', () => {
  let read: Awaited<ReturnType<typeof loaded>>;
  beforeAll(async () => {
    read = await loaded();
  });

  test('loads without a fault', () => {
    const { study, valueSets, textRules } = read;
    expect(study.id).toBe('nct07265544');
    expect(study.timezone).toBe('Asia/Shanghai');
    expect([study.enrolment.first, study.enrolment.last].map(dayText)).toEqual(['2023-03-01', '2026-02-12']);
    expect(study.arms).toEqual(['Normal', 'FattyLiver', 'Fibrosis', 'HBV']);
    expect(study.groups.map((group) => group.group)).toEqual(['Fibrosis', 'HBV', 'FattyLiver', 'Normal']);
    expect(study.groups.filter((group) => group.onlyAlone).map((group) => group.group)).toEqual(['Normal']);
    expect(study.sets.map((set) => set.name)).toEqual(expect.arrayContaining([...REQUIRED_SETS]));
    for (const used of study.usedValueSets) expect(valueSets.has(used)).toBe(true);
    for (const used of study.usedConcepts) expect([...textRules.concepts()]).toContain(used);
  });

  test('what unknown and not-met do is as the protocol is read', () => {
    const { study } = read;
    expect(study.criteria.map((one) => [one.id, one.exclude, one.whenUnknown, one.sensitive])).toEqual([
      ['I1', false, 'hold', false],
      ['I2', false, 'not-applicable', false],
      ['I3', false, 'not-applicable', false],
      ['I4', false, 'hold', false],
      ['E1', true, 'hold', true],
      ['E2', true, 'hold', false],
      ['E3', true, 'attest', false],
      ['E4', true, 'attest', false],
    ]);
  });

  test('the consent forms are in force from their days', () => {
    const { study } = read;
    expect(study.forms.map((form) => [form.version, dayText(form.inForceFrom['*']!), form.obliges])).toEqual([
      ['v1.0', '2023-02-10', 'none'],
      ['v2.0', '2023-11-20', 'none'],
      ['v3.0', '2024-08-15', 'before-collection'],
    ]);
    expect(study.forms[2]).toMatchObject({
      url: 'https://ncct.example.cn/NFEC-2023-207/icf/v3.0',
      purposes: ['data', 'blood', 'tissue', 'omics'],
      coversEarlierData: true,
    });
  });

  test('the windows and cut-offs are those of the reading', () => {
    const { study } = read;
    expect(study.parameters).toMatchObject({
      hivWindowDays: 90,
      coagulationWindowDays: 30,
      measureWindowMonths: 12,
      medicationWindowDays: 90,
      completedRequestOpenDays: 30,
      plateletsReview: 50,
      inrReview: 1.5,
      prothrombinReviewSeconds: 18,
      apttReviewSeconds: 60,
      steatosisPercent: 5,
      stiffnessModerate: 9.4,
      stiffnessSevere: 12.4,
      capMild: 240,
      capModerate: 265,
      capSevere: 295,
      elastographyIqrPercent: 30,
      consentWithoutPerformer: 'patient',
    });
    expect(study.scales.map((scale) => [scale.valueSet, scale.stages])).toEqual([
      ['fibrosis-stage-scheuer', [0, 1, 2, 3, 4]],
      ['fibrosis-stage-metavir', [0, 1, 2, 3, 4]],
      ['fibrosis-stage-ishak', [0, 1, 1, 2, 3, 4, 4]],
    ]);
  });

  test('every reading that waits for a yes is an open question, in both languages, with the answer in force', () => {
    const { study } = read;
    expect(study.openQuestions.map((question) => question.parameter)).toEqual([
      'coagulationWindowDays',
      'admissionWindowDays',
      'plateletsReview',
      'inrReview',
      'prothrombinReviewSeconds',
      'apttReviewSeconds',
      'stiffnessModerate',
      'capMild',
      'consentWithoutPerformer',
      'guardianNotFound',
      'focalLesionStandardOnly',
      'groupPrecedence',
      'ageGapEligible',
      'malignancyFlagOnly',
      'alcoholicAndDonorReview',
      'enrolmentPeriodFromRegistry',
    ]);
    for (const { parameter, answer, words } of study.openQuestions) {
      expect(answer).toBe(study.parameters[parameter]);
      expect(words.zh).toMatch(/[？）]$/u);
      expect(words.en).toMatch(/[?)]$/);
    }
  });
});

describe('the version', () => {
  const version = async (root: string) => (await loaded(root)).study.version;

  let original = '';
  beforeAll(async () => {
    original = await version(STUDY);
  });

  test('is the id and twelve hex digits', () => {
    expect(original).toMatch(/^nct07265544@[0-9a-f]{12}$/);
  });

  test('is the same wherever the files lie and whatever else lies there', async () => {
    const root = copyOf(STUDY);
    writeFileSync(join(root, 'notes.txt'), 'to do');
    writeFileSync(join(root, 'TERMINOLOGY.md'), '# other words');
    mkdirSync(join(root, 'letters'));
    expect(await version(root)).toBe(original);
  });

  test.each([
    ['parameters.yaml', 'valueInteger: 12', 'valueInteger: 11'],
    ['eligibility.yaml', 'valueString: "已撤回同意"', 'valueString: "撤回同意"'],
    ['text-rules.yaml', '    非, 无, 未见,', '    非, 无, 未见到, 未见,'],
    ['valuesets/platelets.yaml', '"26515-7"', '"26515-8"'],
    ['codesystems/measure.yaml', 'status: active', 'status: draft'],
  ])('changes with %s', async (file, from, to) => {
    const root = copyOf(STUDY);
    replaceIn(root, file, from, to);
    expect(await version(root)).not.toBe(original);
  });

  test('changes when a file is added, and comes back when it is taken away', async () => {
    const root = copyOf(STUDY);
    const added = readFileSync(join(root, 'valuesets/platelets.yaml'), 'utf8').replaceAll('platelets', 'thrombocytes');
    writeFileSync(join(root, 'valuesets/thrombocytes.yaml'), added);
    expect(await version(root)).not.toBe(original);
    rmSync(join(root, 'valuesets/thrombocytes.yaml'));
    expect(await version(root)).toBe(original);
  });
});

describe('a folder that holds no study', () => {
  test('is a fault when it is not there', async () => {
    expect(await loadStudy(join(emptyFolder(), 'gone'))).toEqual({
      ok: false,
      faults: [{ file: expect.stringContaining('gone'), line: null, path: '', message: 'there is no such folder' }],
    });
  });

  test('is a fault when it is a file', async () => {
    const read = await loadStudy(join(STUDY, 'study.yaml'));
    expect(read).toMatchObject({ ok: false, faults: [{ message: 'there is no such folder' }] });
  });

  test('is a fault when it is empty', async () => {
    expect((await loadStudy(emptyFolder())).ok).toBe(false);
  });

  test('is a fault when the ResearchStudy is missing', async () => {
    const root = copyOf(STUDY);
    rmSync(join(root, 'study.yaml'));
    expect(await loadStudy(root)).toMatchObject({
      ok: false,
      faults: [{ line: null, message: 'the ResearchStudy is missing: every study has one' }],
    });
  });

  test('all missing files are named at once', async () => {
    const root = copyOf(STUDY);
    for (const file of [
      'parameters.yaml',
      'consent-forms.yaml',
      'measurement.yaml',
      'eligibility.yaml',
      'groups.yaml',
      'flags.yaml',
    ])
      rmSync(join(root, file));
    const read = await loadStudy(root);
    expect(read.ok ? [] : read.faults.map((fault) => fault.message)).toEqual([
      'the Parameters "nct07265544-parameters" is missing',
      'the Parameters "nct07265544-consent-forms" is missing',
      'the Parameters "nct07265544-measurement" is missing',
      'the EvidenceVariable "nct07265544-eligibility" is missing',
      'the PlanDefinition "nct07265544-groups" is missing',
      'the PlanDefinition "nct07265544-flags" is missing',
    ]);
  });

  test('file names do not matter, ids do', async () => {
    const root = copyOf(STUDY);
    renameSync(join(root, 'groups.yaml'), join(root, 'arms.yaml'));
    expect((await loadStudy(root)).ok).toBe(true);
  });
});
