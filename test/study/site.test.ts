import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSites } from '../../src/study/site.ts';
import { copyOf, emptyFolder, removeFolders, replaceIn, SITES } from './copied-folder.ts';

afterAll(removeFolders);

async function faultsOf(root: string) {
  const read = await loadSites(root);
  return read.ok ? [] : read.faults;
}

test('the five sites of this repository load without a fault', async () => {
  const read = await loadSites(SITES);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  expect([...read.value.keys()]).toEqual(['bf', 'gz', 'nf', 'ya', 'zn']);
  for (const [id, site] of read.value) {
    expect(site).toMatchObject({ id, timezone: 'Asia/Shanghai', status: 'active' });
    expect(site.fhirBase).toBe(`https://${id}.example.cn/fhir`);
    expect(site.identifierSystems.length).toBeGreaterThan(0);
    expect(site.guardianRelationships).toEqual({
      system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode',
      codes: ['GUARD', 'PRN', 'MTH', 'FTH'],
    });
    expect(site.terminology.map.translate(site.terminology.systems.get('diagnosis')!, 'DX0101')).toEqual({
      known: true,
      targets: expect.arrayContaining([{ system: 'http://hl7.org/fhir/sid/icd-10-cn', code: 'D18.013' }]),
    });
  }
});

test('hosts for notices are none unless named; what is no host is a fault', async () => {
  const root = copyOf(SITES);
  replaceIn(
    root,
    'bf/site.yaml',
    'status: active',
    'status: active\nsubscriptionHosts: [his.example, "his.example:8443"]',
  );
  const read = await loadSites(root);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  expect(read.value.get('bf')!.subscriptionHosts).toEqual(['his.example', 'his.example:8443']);
  expect(read.value.get('nf')!.subscriptionHosts).toEqual([]);
  for (const [id, wrong] of [
    ['gz', '[https://his.example]'],
    ['nf', 'his.example'],
    ['ya', '[HIS.example]'],
  ] as const)
    replaceIn(root, `${id}/site.yaml`, 'status: active', `status: active\nsubscriptionHosts: ${wrong}`);
  expect((await faultsOf(root)).map(({ file, path }) => `${file} ${path}`)).toEqual([
    'gz/site.yaml subscriptionHosts',
    'nf/site.yaml subscriptionHosts',
    'ya/site.yaml subscriptionHosts',
  ]);
});

describe('mistakes, all in one run', () => {
  test('a map that is not there, one that maps from nowhere, a missing key, a name that is not the folder', async () => {
    const root = copyOf(SITES);
    const missing = replaceIn(root, 'bf/site.yaml', '- ../dictionary/pathology.yaml', '- ../dictionary/path.yaml');
    replaceIn(root, 'gz/site.yaml', 'timezone: Asia/Shanghai\n', '');
    replaceIn(root, 'zn/site.yaml', 'laboratory: https', 'lab: https');
    replaceIn(root, 'ya/site.yaml', 'id: ya', 'id: youan');
    const syntax = replaceIn(root, 'nf/site.yaml', 'role: lead', 'role: lead: yes');
    const faults = await faultsOf(root);
    expect(faults).toContainEqual({
      file: 'bf/site.yaml',
      line: missing,
      path: 'conceptMaps[3]',
      message: 'there is no file ../dictionary/path.yaml',
    });
    expect(faults).toContainEqual({ file: 'gz/site.yaml', line: 1, path: 'timezone', message: 'timezone is missing' });
    expect(faults).toContainEqual({
      file: 'dictionary/laboratory.yaml',
      line: expect.any(Number),
      path: expect.stringMatching(/^group\[\d\]\.source$/),
      message: 'The site names no system for "site:laboratory".',
    });
    expect(faults).toContainEqual(
      expect.objectContaining({ file: 'ya/site.yaml', message: "the id must be the folder's name, ya" }),
    );
    expect(faults.find((fault) => fault.file === 'nf/site.yaml')).toMatchObject({
      line: syntax,
      message: expect.stringMatching(/^YAML: /),
    });
  });

  test('a code without quotes in a dictionary', async () => {
    const root = copyOf(SITES);
    const line = replaceIn(root, 'dictionary/diagnosis.yaml', 'code: "DX0101"', 'code: 50.10');
    const faults = await faultsOf(root);
    expect(faults).toContainEqual({
      file: 'dictionary/diagnosis.yaml',
      line,
      path: 'group[1].element[0].code',
      message: expect.stringContaining('put it in quotes'),
    });
  });

  test('an equivalence R4 has not', async () => {
    const root = copyOf(SITES);
    const line = replaceIn(
      root,
      'dictionary/diagnosis.yaml',
      'display: 皮肤血管瘤, equivalence: equivalent',
      'display: 皮肤血管瘤, equivalence: same',
    );
    expect(await faultsOf(root)).toContainEqual({
      file: 'dictionary/diagnosis.yaml',
      line,
      path: 'group[1].element[2].target[0].equivalence',
      message: 'R4 has no such equivalence.',
    });
  });
});

test('a folder without sites is a fault, folders without site.yaml are not looked at', async () => {
  const root = emptyFolder();
  mkdirSync(join(root, 'dictionary'));
  writeFileSync(join(root, 'dictionary/diagnosis.yaml'), 'resourceType: ConceptMap\n');
  expect(await faultsOf(root)).toEqual([
    { file: root, line: null, path: '', message: 'no site.yaml was found below this folder' },
  ]);
  const copy = copyOf(SITES);
  rmSync(join(copy, 'zn/site.yaml'));
  const read = await loadSites(copy);
  expect(read.ok && [...read.value.keys()]).toEqual(['bf', 'gz', 'nf', 'ya']);
});
