import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { measuredHemangioma } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { linesOf, recordsOf } from '../tables/people.ts';
import { AS_OF, command, folder } from './command.ts';
import { ctxOf, ndjson, person } from './people.ts';

let at: string;
let store: string;
beforeAll(async () => {
  at = await folder();
  store = join(at, 'study-gateway.sqlite');
  const feed = join(at, 'feed.ndjson');
  const ctx = ctxOf(1);
  const blood = b.specimen(ctx, { on: '2025-05-20T08:00:00+08:00', kit: 'YA-00001' });
  const all = [
    ...person(1, (own) => ({ disease: measuredHemangioma(own) })),
    blood,
    // Proven HIV: which criterion it was stays with the hospital.
    ...person(2, (own) => ({ hiv: [b.condition(own, { code: b.concept(b.icd10('B24')) })] }), 'nf'),
    // No consent: in no table.
    ...person(3, () => ({ consents: [] })),
  ];
  await writeFile(feed, ndjson(...all));
  await command('screen', feed, '--out', at, ...AS_OF);
  await command(
    'decide',
    'enrol',
    'Patient/ya-p-000001',
    '--site',
    'ya',
    '--by',
    'dr.li',
    '--role',
    'investigator',
    '--seen',
    '1',
    '--attest',
    'E3,E4',
    '--store',
    store,
    ...AS_OF,
  );
});

const tables = (out: string, ...args: string[]) =>
  command('tables', '--out', join(at, out), '--store', store, ...AS_OF, ...args);
const read = (out: string, name: string) => readFile(join(at, out, name), 'utf8');

test('all tables of everybody with a research record, readable by their owner only; audited', async () => {
  const { code, stdout, stderr } = await tables('all');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/\n22 files about 2 people are in .+all\.\n$/);
  const names = (await readdir(join(at, 'all'))).sort();
  expect(names).toEqual([
    'adverse_events.csv',
    'adverse_events.ndjson',
    'ae.json',
    'be.json',
    'bs.json',
    'cellxgene-donor.csv',
    'cellxgene-sample.csv',
    'criteria.csv',
    'criteria.ndjson',
    'dm.json',
    'ds.json',
    'hca-donor.csv',
    'hca-sample.csv',
    'ie.json',
    'measurements.csv',
    'measurements.ndjson',
    'participants.csv',
    'participants.ndjson',
    'relspec.json',
    'specimens.csv',
    'specimens.ndjson',
    'suppdm.json',
  ]);
  for (const name of names) expect((await stat(join(at, 'all', name))).mode & 0o777).toBe(0o600);
  const dm = recordsOf(await read('all', 'dm.json'));
  expect(
    dm.map(({ SUBJID, SITEID, ARM, ARMNRS, COUNTRY }) => [String(SUBJID).length, SITEID, ARM, ARMNRS, COUNTRY]).sort(),
  ).toEqual([
    [26, 'nf', undefined, 'SCREEN FAILURE', 'CHN'],
    [8, 'ya', 'Normal', undefined, 'CHN'],
  ]);
  expect(linesOf(await read('all', 'hca-sample.csv'))[1]).toMatch(
    /^NCT07265544,YA-00001,NCT07265544-Normal-1,Beijing YouAn Hospital,UBERON:0000178,tissue,blood draw,.*,MONDO:0002404,HsapDv:0000\d{3},NCT07265544_site_2,2025,/,
  );
  const opened = await openSqliteStore(store);
  const audit = await opened.read((tx) => tx.audit());
  await opened.close();
  expect(audit.filter(({ action }) => action === 'tables').map(({ object, detail }) => [object, detail])).toEqual([
    [null, 'csv ndjson dataset-json hca: 22 files, 2 people'],
  ]);
});

test('a sensitive criterion is told nowhere, met or not; the reason is that of the ResearchSubject', async () => {
  const criteria = linesOf(await read('all', 'criteria.csv')).map((line) => line.split(','));
  expect(
    new Set(
      criteria
        .filter(([, , , criterion]) => criterion === 'E1')
        .map(([, , , , , verdict, reason]) => `${verdict} ${reason}`),
    ),
  ).toEqual(new Set(['masked ']));
  const ie = recordsOf(await read('all', 'ie.json'));
  expect(ie.map(({ IETESTCD, IETEST }) => [IETESTCD, IETEST])).toEqual([['EXCL', 'Exclusion criterion, not told']]);
});

test('nothing of the hospital stands in any table', async () => {
  for (const name of await readdir(join(at, 'all'))) {
    const text = await read('all', name);
    expect([name, text.match(/(ya|nf)-(p|c|o|ob|sp)-\d+|\/_history\/|dr\.li/)]).toEqual([name, null]);
  }
  const scanned = await command('scan', join(at, 'feed.ndjson'), '--in', join(at, 'all'));
  expect([scanned.code, scanned.stdout]).toEqual([0, expect.stringMatching(/^22 files .* nothing found/)]);
});

test('run again, the same bytes; one kind, one hospital', async () => {
  await tables('again');
  const hash = async (out: string) => {
    const names = (await readdir(join(at, out))).sort();
    const all = createHash('sha256');
    for (const name of names) all.update(await read(out, name));
    return all.digest('hex');
  };
  expect(await hash('again')).toBe(await hash('all'));
  const { stdout } = await tables('one', '--format', 'csv', '--site', 'nf');
  expect(stdout).toMatch(/5 files about 1 people/);
  expect((await readdir(join(at, 'one'))).sort()).toEqual([
    'adverse_events.csv',
    'criteria.csv',
    'measurements.csv',
    'participants.csv',
    'specimens.csv',
  ]);
});

test('without a store, of an unknown kind, or with a view that has a mistake nothing is written', async () => {
  expect((await command('tables', '--out', join(at, 'x'), '--store', join(at, 'none.sqlite'))).code).toBe(2);
  expect((await tables('x', '--format', 'xpt')).code).toBe(2);
  const study = join(at, 'study');
  await cp(join(import.meta.dirname, '..', '..', 'studies', 'nct07265544'), study, {
    recursive: true,
  });
  await mkdir(join(study, 'mappings', 'views'));
  await writeFile(
    join(study, 'mappings', 'views', 'own.yaml'),
    'resourceType: ViewDefinition\nname: own\nstatus: active\nresource: Patient\nselect: [{ repeat: [link], column: [{ name: a, path: id }] }]\n',
  );
  const { code, stderr } = await tables('x', '--study', study);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('study/mappings/views/own.yaml:5 select[0].repeat: "repeat" is not supported here'),
  ]);
});
