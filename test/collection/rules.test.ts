import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type DeviationCode, deviationsOf, type HoldCode, holdsOf } from '../../src/collection/words.ts';
import { loadCollection } from '../../src/study/collection.ts';
import { type LoadedStudy, loadStudy } from '../../src/study/load.ts';
import { copyOf, removeFolders, replaceIn } from '../study/copied-folder.ts';
import { STUDY } from './people.ts';

afterAll(removeFolders);

let study: LoadedStudy;
beforeAll(async () => {
  const read = await loadStudy(STUDY);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  study = read.value;
});

const loaded = (root: string) => loadCollection(root, study);

test('the study of this repository', async () => {
  const rules = await loaded(STUDY);
  expect(rules).toMatchObject({
    ok: true,
    value: {
      adultAge: 18,
      bloodMl: 30,
      kinds: { blood: 'specimen-blood', tissue: 'specimen-tissue', derived: 'specimen-derived' },
      purposes: { blood: 'blood', tissue: 'tissue' },
      kit: { system: 'https://study-gateway.example/sid/kit' },
      openQuestions: [{ parameter: 'specimenWithoutKit', answer: 'study' }],
    },
  });
  expect(rules.ok && [...rules.value!.neverOwed]).toEqual(['ineligible', 'not-registered']);
});

test.each<[string, string, string, string]>([
  [
    'value: 30, unit: mL,',
    'value: -30, unit: mL,',
    'parameter[0]',
    'bloodVolume must be a quantity above zero that converts to mL',
  ],
  ['code: mL }', 'code: g }', 'parameter[0]', 'bloodVolume must be a quantity above zero that converts to mL'],
  [
    'name: bloodVolume',
    'name: bloodVolumes',
    'parameter',
    'bloodVolume must be a quantity above zero that converts to mL',
  ],
  ['valueString: qualifying-procedure', 'valueString: surgery', 'parameter', 'there is no ValueSet "surgery"'],
  ['valueString: "股静脉"', 'valueString: "左前臂"', 'parameter', 'a text names a right and a wrong position'],
  ['"[A-Z]{1,6}-?[0-9]{3,8}(-[0-9]{1,3})?"', '"[A-Z"', 'parameter[', 'kitForm must be a regular expression'],
])('a mistake has its place: %s → %s', async (from, to, path, message) => {
  const root = copyOf(STUDY);
  replaceIn(root, 'collection.yaml', from, to);
  const rules = await loaded(root);
  if (rules.ok) throw new Error('it loads');
  const found = rules.faults.find((fault) => fault.message === message);
  expect(found?.file).toBe('collection.yaml');
  expect(found?.path).toContain(path);
  expect(found?.line).toBeGreaterThan(0);
});

test('a mistake inside a ValueSet has its line; an unknown parameter is one', async () => {
  const root = copyOf(STUDY);
  const line = replaceIn(root, 'collection.yaml', '- { code: "TISS", display: "Tissue" }', '- { display: "Tissue" }');
  replaceIn(root, 'collection.yaml', 'name: kitSystem', 'name: kitSystems');
  const rules = await loaded(root);
  if (rules.ok) throw new Error('it loads');
  expect(rules.faults.map(({ path, line: at, message }) => [path, at, message])).toEqual([
    ['parameter', 5, 'kitSystem must be a text'],
    ['parameter[30]', expect.any(Number), '"kitSystems" is no parameter of this file'],
    ['parameter[4].resource.compose.include[1].concept[0].code', line, expect.any(String)],
  ]);
});

test('a study without the file does not collect', async () => {
  const other = { ...study, study: { ...study.study, id: 'other' } };
  expect(await loadCollection(STUDY, other)).toEqual({
    ok: true,
    value: null,
  });
});

test('codes and kit ids are those that the profiles let pass', () => {
  const profiles = join(STUDY, '../../profiles');
  const listed = (name: string): string[] => {
    const set = parse(readFileSync(join(profiles, `valuesets/${name}.yaml`), 'utf8'));
    return set.compose.include[0].concept.map(({ code }: { code: string }) => code).sort();
  };
  const every = new Set<string>([...listed('specimen-deviation'), ...listed('specimen-hold')]);
  expect(
    deviationsOf(every as Set<DeviationCode>)
      .map(({ code }) => code)
      .sort(),
  ).toEqual(listed('specimen-deviation'));
  expect(
    holdsOf(every as Set<HoldCode>)
      .map(({ code }) => code)
      .sort(),
  ).toEqual(listed('specimen-hold'));
  const form = /name: kitForm, valueString: (".*") }/.exec(readFileSync(join(STUDY, 'collection.yaml'), 'utf8'))?.[1];
  expect(readFileSync(join(profiles, 'StudySpecimen.yaml'), 'utf8')).toContain(`valueString: ${form}`);
});
