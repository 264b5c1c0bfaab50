import { type DiffSide, diffOf, type Shown } from '../../src/release/diff.ts';

const TYPES = ['ResearchSubject', 'Condition', 'Consent'];
const side = (people: Record<string, Shown>, types = TYPES, withheld: string[] = []): DiffSide => ({
  people: new Map(
    Object.entries(people).map(([subject, shown]) => [
      subject,
      { participant: subject === 's1' ? 'HBV-1' : null, shown, withheld: new Set(withheld) },
    ]),
  ),
  types: new Set(types),
});
const base: Shown = { 'ResearchSubject/s1': [1, 'a'], 'Condition/c1': [1, 'a'] };
const causes = (before: DiffSide, after: DiffSide) => diffOf(before, after, () => 'withdrawn').map((one) => one.causes);

test('who did not change is not named', () => {
  expect(diffOf(side({ s1: base }), side({ s1: { ...base } }), () => 'withdrawn')).toEqual([]);
});

test('a version that looks the same is no change', () => {
  expect(causes(side({ s1: base }), side({ s1: { ...base, 'Condition/c1': [2, 'a'] } }))).toEqual([]);
});

test('new and gone people, with their participant numbers', () => {
  expect(diffOf(side({ s1: base }), side({ s2: base }), () => 'withdrawn')).toEqual([
    { subject: 's1', participant: 'HBV-1', causes: ['withdrawn'], added: 0, altered: 0, removed: 2 },
    { subject: 's2', participant: null, causes: ['new'], added: 2, altered: 0, removed: 0 },
  ]);
});

test.each<[string, Shown, string[]]>([
  ['a resource more', { ...base, 'Condition/c2': [1, 'b'] }, ['changed']],
  ['a subject that moved on', { ...base, 'ResearchSubject/s1': [2, 'b'] }, ['changed']],
  ['a diagnosis that is another now', { ...base, 'Condition/c1': [2, 'b'] }, ['correction']],
  ['the same version shown otherwise', { ...base, 'Condition/c1': [1, 'b'] }, ['agreement']],
  ['a diagnosis that is gone', { 'ResearchSubject/s1': [1, 'a'] }, ['correction']],
  ['both', { 'ResearchSubject/s1': [2, 'b'] }, ['changed', 'correction']],
])('%s', (_, after, expected) => {
  expect(causes(side({ s1: base }), side({ s1: after }))).toEqual([expected]);
});

test('a type that was agreed since, or is no more', () => {
  const less = { 'ResearchSubject/s1': base['ResearchSubject/s1']! };
  expect(causes(side({ s1: less }, ['ResearchSubject']), side({ s1: base }))).toEqual([['agreement']]);
  expect(causes(side({ s1: base }), side({ s1: less }, ['ResearchSubject']))).toEqual([['agreement']]);
});

test('what the consent covers no more', () => {
  const less = { 'ResearchSubject/s1': base['ResearchSubject/s1']! };
  expect(causes(side({ s1: base }), side({ s1: less }, TYPES, ['Condition/c1']))).toEqual([['withdrawn']]);
});
