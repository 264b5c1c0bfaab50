import { join } from 'node:path';
import { evidenceOf } from '../../src/scan/evidence.ts';
import { loadStudy } from '../../src/study/load.ts';
import type { Study } from '../../src/study/model.ts';

const STUDY = join(import.meta.dirname, '..', '..', 'studies', 'nct07265544');

/** A study of nothing but named sets. */
function sets(texts: Readonly<Record<string, string>>): Pick<Study, 'sets'> {
  return {
    sets: Object.entries(texts).map(([name, text]) => ({ name, expression: { text } as never })),
  };
}

const shown = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    [...evidenceOf(sets({ rootOnly: '%a', a: '%encounters.where(false)', ...texts }))]
      .filter(([type]) => type !== 'Encounter')
      .map(([type, { names, all }]) => [type, all ? 'all' : [...names]]),
  );

test('the codes and texts of the study that may make somebody a subject, by type', async () => {
  const loaded = await loadStudy(STUDY);
  if (!loaded.ok) throw new Error('the study does not load');
  const evidence = evidenceOf(loaded.value.study);
  expect([...evidence.keys()].sort()).toEqual(['Condition', 'DiagnosticReport', 'Observation']);
  expect([...evidence.values()].map(({ all }) => all)).toEqual([false, false, false]);
  expect([...evidence.get('Observation')!.names].sort()).toEqual([
    'fibrosis-stage',
    'hbsag',
    'hbv-dna',
    'steatosis-percent',
  ]);
  expect(evidence.get('Condition')!.names.has('disease-root')).toBe(true);
  expect(evidence.get('DiagnosticReport')!.names.has('cirrhosis')).toBe(true);
});

test.each<[string, Record<string, string>, object]>([
  ['a code that must hold', { diseaseEvidence: "%conditions.where(code.memberOf('x'))" }, { Condition: ['x'] }],
  [
    'one of several',
    { diseaseEvidence: "%conditions.where(code.memberOf('x') or suggests('y'))" },
    { Condition: ['x', 'y'] },
  ],
  [
    'one of two that both must',
    { diseaseEvidence: "%conditions.where(bodySite.memberOf('z') and code.memberOf('x'))" },
    { Condition: ['x'] },
  ],
  [
    'through sets',
    { b: "%observations.where(code.memberOf('x'))", diseaseEvidence: "%b.newest() | %reports.where(suggests('y'))" },
    { Observation: ['x'], DiagnosticReport: ['y'] },
  ],
  [
    'of one type of several',
    { diseaseEvidence: "%retracted.ofType(Observation).where(code.memberOf('x'))" },
    { Observation: ['x'] },
  ],
  ['a code of another element', { diseaseEvidence: "%conditions.where(bodySite.memberOf('z'))" }, { Condition: 'all' }],
  [
    'a code that need not hold',
    { diseaseEvidence: "%conditions.where(code.memberOf('x') or bodySite.exists())" },
    { Condition: 'all' },
  ],
  ['a code that must not', { diseaseEvidence: "%conditions.where(code.memberOf('x').not())" }, { Condition: 'all' }],
  [
    'bounded once and once not',
    { diseaseEvidence: "%conditions.where(code.memberOf('x')) | %conditions" },
    { Condition: 'all' },
  ],
])('%s', (_, texts, expected) => {
  expect(shown(texts)).toEqual(expected);
});

test('an expression that is not understood may select anything', () => {
  expect(shown({ diseaseEvidence: '%conditions.encounter.where(reference.exists())' })).toMatchObject({
    Condition: 'all',
    Observation: 'all',
    MedicationRequest: 'all',
  });
});
