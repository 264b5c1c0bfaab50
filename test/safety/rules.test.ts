import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type LoadedStudy, loadStudy } from '../../src/study/load.ts';
import { loadSafety } from '../../src/study/safety.ts';
import { copyOf, removeFolders, replaceIn } from '../study/copied-folder.ts';
import { STUDY } from './events.ts';

let study: LoadedStudy;
beforeAll(async () => {
  const read = await loadStudy(STUDY);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  study = read.value;
});
afterAll(removeFolders);

test('the study of this repository', async () => {
  const rules = await loadSafety(STUDY, study);
  if (!rules.ok || !rules.value) throw new Error(JSON.stringify(rules));
  expect(rules.value.windowDays).toBe(30);
  expect([...rules.value.criteria]).toEqual(['C48275', 'C84266', 'C83052', 'C11338', 'C83117', 'C82521', 'C201939']);
  expect(rules.value.expected.id).toBe('expected-event');
  expect(rules.value.expected.texts.has('术后出血')).toBe(true);
  expect(rules.value.openQuestions.map(({ parameter, words }) => [parameter, words.en])).toEqual([
    ['expected', 'Are these post-operative events expected: logged, not alarmed unless serious?'],
  ]);
});

test.each<[string, string, string, string]>([
  [
    'name: windowDays, valueInteger: 30',
    'name: windowDays, valueInteger: 0',
    'parameter[0]',
    'windowDays must be a number above zero',
  ],
  [
    'name: windowDays, valueInteger: 30',
    'name: windowDays, valueString: "30"',
    'parameter[0]',
    'windowDays must be a number above zero',
  ],
  ['- name: expected\n', '- name: expect\n', 'parameter', 'expected must hold a ValueSet with an id'],
  ['valueCode: "C48275"', 'valueInteger: 48275', 'parameter[1]', 'criterion must be a code or a text'],
])('a mistake has its place: %j → %j', async (from, to, path, message) => {
  const root = copyOf(STUDY);
  replaceIn(root, 'safety.yaml', from, to);
  const rules = await loadSafety(root, study);
  if (rules.ok) throw new Error('it loads');
  expect(rules.faults).toContainEqual({ file: 'safety.yaml', line: expect.any(Number), path, message });
});

test('the criteria are those that the profile lets pass', async () => {
  const set = parse(readFileSync(join(STUDY, '../../profiles/valuesets/seriousness-criteria.yaml'), 'utf8'));
  const listed = set.compose.include[0].concept.map(({ code }: { code: string }) => code);
  const rules = await loadSafety(STUDY, study);
  expect(rules.ok && [...rules.value!.criteria]).toEqual(listed);
});
