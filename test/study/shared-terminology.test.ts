import { loadStudy } from '../../src/study/load.ts';
import { SharedTerminology } from '../../src/study/shared-terminology.ts';
import { emptyFolder, removeFolders, STUDY } from './copied-folder.ts';
import { writeOtherStudy } from './other-study.ts';

afterAll(removeFolders);

async function loaded(shared: SharedTerminology, root: string) {
  const read = await loadStudy(root, {}, shared);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.value;
}

function other(id: string, changes: Readonly<Record<string, string>> = {}): string {
  const root = emptyFolder();
  writeOtherStudy(root, id, changes);
  return root;
}

test('studies loaded together share terminology of the same content, and no other', async () => {
  const shared = new SharedTerminology();
  const first = await loaded(shared, STUDY);
  const same = await loaded(shared, other('same'));
  const less = await loaded(shared, other('less', { '"K76.0"': '"K76.1"' }));
  expect(same.valueSets).toBe(first.valueSets);
  expect(same.textRules).toBe(first.textRules);
  expect(same.study.id).toBe('same');
  expect(less.valueSets).not.toBe(first.valueSets);
  // The rules name ValueSets, so they are of the study whose sets they were checked against.
  expect(less.textRules).not.toBe(first.textRules);
  const [of, at] = ['http://hl7.org/fhir/sid/icd-10', 'K76.0'];
  expect([first, less].map(({ valueSets }) => valueSets.memberOf(of, at).has('fatty-liver'))).toEqual([true, false]);
});

test('a fault is told in full, though a study with the same terminology went before', async () => {
  const shared = new SharedTerminology();
  const broken = { 'concept: fatty-liver': 'concept: nowhere' };
  const texts = [];
  for (const id of ['one', 'two']) {
    const read = await loadStudy(other(id, broken), {}, shared);
    texts.push(read.ok ? null : read.faults.map(({ file, message }) => `${file}: ${message}`));
  }
  const told = ['text-rules.yaml: The study has no ValueSet of this id.'];
  expect(texts).toEqual([told, told]);
});
