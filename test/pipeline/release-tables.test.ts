import type { FhirResource } from '../../src/fhir/resource.ts';
import { tablesWriter } from '../../src/pipeline/release-tables.ts';
import { type OwnVerdict, verdictsShown } from '../../src/release/verdicts.ts';
import { agreementOn, lensOf, read, SUBJECT } from '../release/agreements.ts';
import { EXAMPLES, linesOf, MORE_PEOPLE, pseudonym, recordsOf, tables } from '../tables/people.ts';

const STUDY = { id: 'nct07265544', version: 'nct07265544@0123456789ab' };
const KINDS = ['csv', 'ndjson', 'dataset-json', 'hca'];
const RESOURCES = {
  Patient: ['gender'],
  ResearchSubject: ['status', 'study', 'individual', 'identifier', 'assignedArm', 'period'],
  Condition: ['clinicalStatus', 'verificationStatus', 'code', 'subject'],
  Specimen: [
    'status',
    'identifier',
    'type',
    'subject',
    'parent',
    'collection.collected',
    'condition',
    'extension(specimen-hold)',
  ],
};
const PEOPLE = [...EXAMPLES, ...MORE_PEOPLE];

/** The files of a release of what an agreement lets through, by name. */
async function released(
  terms: Parameters<typeof agreementOn>[0],
  given: readonly FhirResource[] = PEOPLE,
  facts: readonly (OwnVerdict & { subject: string })[] = [],
) {
  const agreement = agreementOn(terms);
  const lens = lensOf(agreement);
  const resources = given.flatMap((one) => lens.show(one, SUBJECT) ?? []);
  const verdicts = facts.flatMap(({ subject, ...fact }) =>
    verdictsShown(agreement, lens.registryId('ResearchSubject', subject), [fact]),
  );
  const files = await tablesWriter(await tables())({ resources, verdicts, agreement, study: STUDY });
  const contents = new Map(files.map(({ name, content }) => [name, content]));
  return { files, resources, contents, lens, names: [...contents.keys()].sort() };
}
const all = (contents: ReadonlyMap<string, string>) => [...contents.values()].join('\n');

test('an agreement that names no tables gets none', async () => {
  expect((await released({ resources: RESOURCES })).files).toEqual([]);
});

test('a table is there when everything it is made of was agreed', async () => {
  const names = async (tables: string[], resources: object) =>
    (await released({ tables, resources: resources as Record<string, unknown> })).names;
  expect(await names(KINDS, RESOURCES)).toEqual([
    ...['be.json', 'bs.json', 'cellxgene-donor.csv', 'cellxgene-sample.csv', 'dm.json'],
    ...['hca-donor.csv', 'hca-sample.csv', 'participants.csv', 'participants.ndjson', 'relspec.json'],
    ...['specimens.csv', 'specimens.ndjson', 'suppdm.json'],
  ]);
  expect(await names(['csv'], RESOURCES)).toEqual(['participants.csv', 'specimens.csv']);
  const { Patient: _, ...nobody } = RESOURCES;
  expect(await names(['hca', 'dataset-json'], nobody)).toEqual(['be.json', 'bs.json', 'relspec.json', 'suppdm.json']);
  const { Specimen: __, ...none } = RESOURCES;
  const Consent = ['status', 'scope', 'category', 'patient', 'policy', 'provision'];
  expect(await names(KINDS, { ...none, Consent })).toEqual([
    ...['dm.json', 'ds.json', 'participants.csv', 'participants.ndjson', 'suppdm.json'],
  ]);
  expect(await names(KINDS, {})).toEqual([]);
});

test.each(['shifted', 'year', 'exact'])(
  'with dates %s no table has an id, a date or an age that no resource has',
  async (dates) => {
    const terms = { tables: KINDS, dates, age: 'decade', identifiers: 'own', resources: RESOURCES };
    const { contents, resources, files } = await released(terms);
    const text = JSON.stringify(resources);
    const tokens = (of: string, form: RegExp) => new Set(of.match(form) ?? []);
    const ids = tokens(all(contents), /\b[a-z2-7]{26}\b/g);
    expect(ids.size).toBeGreaterThan(15);
    expect([...ids].filter((id) => !text.includes(id))).toEqual([]);
    for (const one of PEOPLE) expect(all(contents)).not.toContain(one.id);
    for (const kit of ['NF-00010', 'BF-00007', 'Normal-1', 'FattyLiver-1']) expect(all(contents)).not.toContain(kit);
    const day = /\b20\d\d-\d\d(-\d\d)?\b/g;
    // The time of making is that of the legal basis.
    const days = [...tokens(all(contents).replaceAll('2025-01-01T00:00:00Z', ''), day)];
    expect(days.filter((one) => !text.includes(one))).toEqual([]);
    expect(days.length > 0).toBe(dates !== 'year');
    const dm = recordsOf(contents.get('dm.json')!);
    expect([dm.length, dm.filter((record) => 'AGE' in record || 'SITEID' in record)]).toEqual([5, []]);
    expect(files.every(({ rows, name }) => rows > 0 || name === 'suppdm.json')).toBe(true);
  },
);

test('a site is told where Provenances may be had with it, as it is', async () => {
  const Provenance = ['target', 'recorded', 'agent'];
  const site = async (identifiers: string) => {
    const provenance: FhirResource = {
      ...EXAMPLES.find(({ resourceType }) => resourceType === 'Provenance')!,
      target: [{ reference: `ResearchSubject/${pseudonym('sp2')}` }],
    };
    const subject = MORE_PEOPLE.find(({ id }) => id === pseudonym('sp2'))!;
    const resources = { ...RESOURCES, Provenance };
    const { contents } = await released({ tables: ['csv'], identifiers, resources }, [subject, provenance]);
    return linesOf(contents.get('participants.csv')!)[1]!.split(',')[3];
  };
  expect(await site('exact')).toBe('ya');
  expect(await site('own')).toBe('');
});

describe('verdicts on criteria', () => {
  const fact = (criterion: string, verdict: string, subject: string) => {
    const exclude = criterion.startsWith('E');
    return { subject: pseudonym(subject), criterion, exclude, text: `Of ${criterion}`, verdict, since: '2025-05-20' };
  };
  const FACTS = [
    fact('I1', 'met', 'sp2'),
    fact('E2', 'met', 'sp4'),
    fact('E2', 'unknown', 'sp2'),
    fact('I1', 'not-met', 'nobody'),
  ];
  const terms = (more: object) => ({ tables: KINDS, identifiers: 'own', resources: RESOURCES, ...more });

  test('stand in tables where the agreement names criteria, those it names, without reasons', async () => {
    const { contents, lens, files } = await released(terms({ criteria: ['E2'] }), PEOPLE, FACTS);
    const id = (name: string) => lens.registryId('ResearchSubject', pseudonym(name));
    const rows = linesOf(contents.get('criteria.csv')!).map((line) => line.split(',').slice(1));
    expect(rows.slice(1).sort()).toEqual(
      [
        [id('sp2'), '', 'E2', 'exclusion', 'unknown', '', 'Of E2', '2025-05-20'],
        [id('sp4'), '', 'E2', 'exclusion', 'met', '', 'Of E2', '2025-05-20'],
      ].sort(),
    );
    expect(contents.get('criteria.ndjson')!.trim().split('\n')).toHaveLength(2);
    expect(recordsOf(contents.get('ie.json')!)).toMatchObject([
      { IESEQ: 1, IETESTCD: 'E2', IETEST: 'Of E2', IECAT: 'EXCLUSION', IEORRES: 'Y', IESTRESC: 'Y' },
    ]);
    expect(all(contents)).not.toContain('Of I1');
    // Nothing in it is against the rules of SDTM.
    expect(files.find(({ name }) => name === 'ie.json')).toMatchObject({ rows: 1, gaps: [] });
  });

  test.each([
    ['exact', '2025-05-20'],
    ['year', '2025'],
    // The day on which the gateway worked would tell how far the others were moved.
    ['shifted', ''],
  ])('with dates %s they are since %s', async (dates, since) => {
    const { contents } = await released(terms({ criteria: ['I1', 'E2'], dates }), PEOPLE, FACTS);
    const rows = linesOf(contents.get('criteria.csv')!).slice(1);
    expect(rows.map((line) => line.split(',').at(-1))).toEqual([since, since, since]);
  });

  test('without the grant: no table, whatever is known', async () => {
    const [without, none] = [await released(terms({})), await released(terms({}), PEOPLE, FACTS)];
    expect(none.contents).toEqual(without.contents);
    expect(none.names.filter((name) => /criteria|ie\./.test(name))).toEqual([]);
  });

  test.each([
    [
      { criteria: ['E1'] },
      'criteria[0]: what a sensitive criterion says stays at the hospital: it passes under no agreement',
    ],
    [{ criteria: ['I9'] }, 'criteria[0]: there is no such criterion: known are I1, I3, I4, E1, E2, E3'],
    [
      { criteria: ['I1'], tables: [] },
      'criteria: verdicts stand in tables, beside ResearchSubjects: name tables and ResearchSubject too',
    ],
    [
      { criteria: ['E2'], resources: {} },
      'criteria: verdicts stand in tables, beside ResearchSubjects: name tables and ResearchSubject too',
    ],
    [{ criteria: 'E2' }, 'criteria: say criteria: a list'],
    // Who is ineligible and fails none of them would fail the one that is left.
    [
      { criteria: ['E2', 'E3'] },
      'criteria: beside these only E1 is left, and who failed it could be told: leave out another',
    ],
  ])('%j does not load', (more, message) => {
    const { faults } = read(JSON.stringify({ id: 'some', tables: KINDS, resources: RESOURCES, ...more }), 'some');
    expect(faults.map((one) => `${one.path}: ${one.message}`)).toContain(message);
  });
});

test('the same people in another order give the same bytes', async () => {
  const terms = { tables: KINDS, resources: RESOURCES };
  const [one, other] = [await released(terms), await released(terms, [...PEOPLE].reverse())];
  expect(other.contents).toEqual(one.contents);
});

test('what a standard wants and the agreement does not give is told to whoever approves', async () => {
  const { files } = await released({ tables: ['dataset-json'], resources: RESOURCES });
  const dm = files.find(({ name }) => name === 'dm.json')!;
  expect(dm.gaps).toEqual([{ kind: 'unknown', column: 'SITEID', rule: 'required', rows: 5 }]);
});

test('a kind of table that there is not is a mistake with its line', () => {
  const given = { id: 'some', tables: ['xlsx'], resources: {} };
  const { faults } = read(JSON.stringify(given), 'some');
  expect(faults.map(({ path, message }) => `${path}: ${message}`)).toContain(
    'tables[0]: there is no such thing here: known are csv, ndjson, dataset-json, hca',
  );
});
