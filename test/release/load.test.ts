import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dayFrom } from '../../src/fhir/time.ts';
import { isInForce } from '../../src/release/agreement.ts';
import { loadAgreements } from '../../src/release/load.ts';
import { agreementOn, EXAMPLE, HOME, KNOWN, read } from './agreements.ts';

const ZONE = 'Asia/Shanghai';
const faultsOf = (text: string) => read(text).faults.map(({ line, path, message }) => `${line} ${path}: ${message}`);

test('the example says what it says', () => {
  const { agreement, faults } = read(EXAMPLE);
  expect(faults).toEqual([]);
  const { resources, hash, ...rest } = agreement;
  expect(rest).toEqual({
    id: 'liver-omics',
    registry: 'liver-omics',
    who: 'Liver Omics Registry (an invented example)',
    approver: 'dr.wang',
    purposes: ['data', 'omics'],
    abroad: false,
    legalBasis: { text: 'Data use agreement, example', from: dayFrom('2025-01-01'), until: dayFrom('2030-12-31') },
    sites: null,
    age: 'decade',
    dates: 'shifted',
    shiftDays: 180,
    identifiers: 'own',
    smallestCell: 5,
    criteria: new Set(['I3', 'I4']),
    tables: ['csv', 'dataset-json', 'hca', 'ndjson'],
    endpoint: null,
  });
  expect([...resources.keys()].sort()).toEqual([
    'Condition',
    'Observation',
    'Patient',
    'Procedure',
    'ResearchSubject',
    'Specimen',
  ]);
  expect(resources.get('Specimen')!.kinds.map(({ purpose }) => purpose)).toEqual([
    'blood',
    'blood',
    'tissue',
    'tissue',
  ]);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test('comments and order do not change the hash, content does', () => {
  const { hash } = read(EXAMPLE).agreement;
  expect(read(`# signed\n${EXAMPLE}`).agreement.hash).toBe(hash);
  expect(read(EXAMPLE.replace('smallestCell: 5', 'smallestCell: 6')).agreement.hash).not.toBe(hash);
});

test.each([
  ['id: liver-omics', 'id: other', '3 id: the id must be the name of the file, liver-omics'],
  [
    'purpose: [data, omics]',
    'purpose: [data, genome]',
    /^7 purpose\[1\]: there is no such thing here: known are data,/,
  ],
  ['abroad: false', 'abroad: perhaps', '8 abroad: say abroad: true or false'],
  ['from: "2025-01-01"', 'from: "2025-13-01"', '9 legalBasis.from: say from: a day such as "2027-12-31"'],
  ['until: "2030-12-31"', 'until: "2024-12-31"', '9 legalBasis.until: it ends before it begins'],
  ['sites: "*"', 'sites: [ya, xx]', '10 sites[1]: there is no such thing here: known are bf, gz, nf, ya, zn'],
  ['age: decade', 'age: exact', '11 age: say age: one of years, decade, none'],
  ['smallestCell: 5', 'smallestCell: 0', '15 smallestCell: say smallestCell: a whole number from 1 to 1000'],
  ['dates: shifted', 'dates: year', '13 shiftDays: only shifted dates are moved'],
  ['abroad: false', 'abroad: false\nexpires: never', /^9 expires: there is no setting expires: known are id,/],
  ['who: ', 'endpoint: http://registry.example/in\nwho: ', /^5 endpoint: give an https address/],
  ['  Patient: [gender]', '  Person: [gender]', /^17 resources.Person: the study side has no Person: known are/],
  ['[gender]', '[name]', '17 resources.Patient[0]: Patient.name holds text or says who somebody is: it never passes'],
  ['[gender]', '[birthDate]', '17 resources.Patient[0]: a date of birth does not pass: say age'],
  ['[gender]', '[extension(age-years)]', '17 resources.Patient[0]: the age passes as `age` says, not as an element'],
  ['[gender]', '[extension]', '17 resources.Patient[0]: name the url: extension(url)'],
  ['[gender]', '[sex]', /^17 resources.Patient\[0\]: R4 has no element Patient.sex/],
  ['[gender]', '[contained]', /^17 resources.Patient\[0\]: contained is no element to agree on/],
  ['[gender]', '[meta.lastUpdated]', /^17 resources.Patient: Patient.meta.lastUpdated tells when the gateway wrote/],
  ['[gender]', '[meta]', '17 resources.Patient[0]: name the elements of meta that pass'],
  ['clinicalStatus, verificationStatus, ', 'clinicalStatus, ', /^27 resources.Condition: name verificationStatus too/],
  ['purpose: tissue, element: type', 'purpose: liver, element: type', /kinds\[2\].purpose: there is no such purpose/],
  [
    'purpose: tissue, element: type',
    'purpose: tissue, element: sort',
    /kinds\[2\].element: R4 has no element Specimen.sort/,
  ],
])('%s → %s is a mistake with its line', (from, to, expected) => {
  expect(EXAMPLE).toContain(from);
  const faults = faultsOf(EXAMPLE.replace(from, to));
  expect(faults).toContainEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
});

test('what the gateway wrote and the hash of a source do not pass beside shifted dates', () => {
  const provenance = (dates: string, path: string) =>
    agreementOn({ dates, resources: { Provenance: ['target', 'recorded', 'agent', path] } });
  expect(() => provenance('exact', 'extension(map-version)')).not.toThrow();
  expect(() => provenance('shifted', 'extension(map-version)')).toThrow('tells when the gateway wrote');
  expect(() => provenance('exact', 'entity.what.extension(source-hash)')).toThrow('the same for every registry');
});

test('abroad asks for its purpose', () => {
  expect(agreementOn({ abroad: true, resources: {} }).purposes).toEqual(['data', 'abroad']);
});

test('is in force from the first day to the end of the last, in the zone of the study', () => {
  const agreement = agreementOn({ resources: {} });
  const at = (instant: string) => isInForce(agreement, Date.parse(instant), ZONE);
  expect(at('2024-12-31T23:59:59.999+08:00')).toBe(false);
  expect(at('2025-01-01T00:00:00+08:00')).toBe(true);
  expect(at('2025-12-31T23:59:59.999+08:00')).toBe(true);
  expect(at('2026-01-01T00:00:00+08:00')).toBe(false);
});

describe('a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'agreements-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (id: string, change: (text: string) => string = (text) => text) =>
    writeFileSync(join(folder, `${id}.yaml`), change(EXAMPLE.replace('id: liver-omics', `id: ${id}`)));

  test('of the project loads', async () => {
    const loaded = await loadAgreements(join(HOME, 'agreements'), KNOWN);
    expect(loaded.ok && [...loaded.value.keys()]).toEqual(['liver-omics']);
  });

  test('that is not there holds none', async () => {
    expect(await loadAgreements(join(folder, 'none'), KNOWN)).toEqual({ ok: true, value: new Map() });
  });

  test('two of one registry may follow each other, and not hold on the same day', async () => {
    put('first', (text) => text.replace('2030-12-31', '2025-12-31'));
    put('second', (text) => text.replace('"2025-01-01"', '"2026-01-01"'));
    expect((await loadAgreements(folder, KNOWN)).ok).toBe(true);
    put('second', (text) => text.replace('"2025-01-01"', '"2025-12-31"'));
    expect(await loadAgreements(folder, KNOWN)).toMatchObject({
      ok: false,
      faults: [{ file: 'second.yaml', message: 'another agreement with this registry holds on the same days: first' }],
    });
  });

  test('a broken file and a name that cannot be an id are mistakes', async () => {
    writeFileSync(join(folder, 'Bad Name.yaml'), EXAMPLE);
    writeFileSync(join(folder, 'broken.yaml'), 'id: [');
    const loaded = await loadAgreements(folder, KNOWN);
    expect(loaded.ok ? [] : loaded.faults.map(({ file, line }) => [file, line])).toEqual(
      expect.arrayContaining([
        ['Bad Name.yaml', null],
        ['broken.yaml', 1],
      ]),
    );
  });
});
