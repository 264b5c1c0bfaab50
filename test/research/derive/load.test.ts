import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { r4 } from '../../../src/fhir/resource.ts';
import { createDeriver } from '../../../src/research/derive/derive.ts';
import { loadMappings } from '../../../src/research/derive/load.ts';
import { patient, procedure } from '../../feed/builders.ts';
import { feedContext } from '../../feed/context.ts';
import { conformance, contextOf, deriver, HOME, mappings } from './deriver.ts';

const CTX = feedContext('ya', 1);
const context = contextOf('ya', CTX.patientId, { age: 34 });
const PATIENT_URL = 'https://study-gateway.example/StructureMap/StudyPatient';

/** A folder of a study or site with these files below `mappings/`. */
async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
  await mkdir(join(folder, 'mappings'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'mappings', name), text);
  return folder;
}

const patientMap = (rules: string, url = PATIENT_URL, name = 'StudyPatient') => `map "${url}" = "${name}"
uses "http://hl7.org/fhir/StructureDefinition/Patient" alias Patient as source
group start(source src : Patient, target tgt : Patient) {
  src -> tgt.id = pseudonym(src, 'patient') "id";
  ${rules}
}`;

const conceptMap = (url: string, code: string) => `resourceType: ConceptMap
id: own
url: ${url}
status: active
group:
  - source: https://ya.example.cn/cs/op
    target: http://snomed.info/sct
    element:
      - { code: "OP7777", target: [{ code: "${code}", equivalence: equivalent }] }
`;

async function messagesOf(files: Record<string, string>): Promise<string[]> {
  const loaded = await loadMappings(HOME, await folderWith(files));
  return loaded.ok ? [] : loaded.faults.map(({ file, line, message }) => `${file}:${line} ${message}`);
}

describe('overriding', () => {
  test('a study’s map of the same url wins, and is another version; the others stay', async () => {
    const folder = await folderWith({ 'Own.map': patientMap('') });
    const [own, all] = [await mappings(folder), await mappings()];
    const result = createDeriver({ mappings: own, conformance }).derive(patient(CTX), context);
    expect(result).toMatchObject({ kind: 'resource', resource: { resourceType: 'Patient' } });
    expect(result.kind === 'resource' && Object.keys(result.resource)).toEqual(['resourceType', 'id']);
    expect(own.byType.get('Patient')!.version).not.toBe(all.byType.get('Patient')!.version);
    expect(own.byType.get('Condition')).toEqual(all.byType.get('Condition'));
  });

  test('a site’s wins over the study’s', async () => {
    const study = await folderWith({ 'Own.map': patientMap('') });
    const site = await folderWith({ 'Patient.map': patientMap('src.gender -> tgt.gender;') });
    const derived = (await deriver(study, site)).derive(patient(CTX, { gender: 'male' }), context);
    expect(derived).toMatchObject({ resource: { gender: 'male' } });
    const turned = (await deriver(site, study)).derive(patient(CTX, { gender: 'male' }), context);
    expect(turned).not.toMatchObject({ resource: { gender: 'male' } });
  });

  test('it cannot let pass what the profile does not', async () => {
    const folder = await folderWith({ 'Patient.map': patientMap('src.birthDate -> tgt.birthDate;') });
    const result = (await deriver(folder)).derive(patient(CTX, { birthDate: '1990-01-01' }), context);
    expect(result).toMatchObject({ kind: 'held', faults: [{ code: 'element', expression: 'Patient.birthDate' }] });
    expect(JSON.stringify(result)).not.toContain('1990');
  });

  test('ConceptMaps are added, or replaced by their url', async () => {
    const url = 'https://study.example/ConceptMap/own';
    const source = procedure(CTX, {
      code: { coding: [{ system: 'https://ya.example.cn/cs/op', code: 'OP7777' }] },
      on: '2025',
    });
    const study = await folderWith({ 'own.yaml': conceptMap(url, '107963000') });
    const site = await folderWith({ 'own.yaml': conceptMap(url, '86259008') });
    const all = [await mappings(), await mappings(study), await mappings(study, site)];
    const codes = all.map((one) => {
      const result = createDeriver({ mappings: one, conformance }).derive(source, context);
      return result.kind === 'resource' ? (result.resource.code as r4.CodeableConcept).coding![0]!.code : result.kind;
    });
    expect(codes).toEqual(['held', '107963000', '86259008']);
    expect(new Set(all.map((one) => one.byType.get('Procedure')!.version)).size).toBe(3);
  });

  test('a folder without mappings changes nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
    expect((await mappings(folder)).byType).toEqual((await mappings()).byType);
  });
});

describe('versions', () => {
  test('change with what is imported, and with a ValueSet that is named, and no others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mappings-'));
    await cp(join(HOME, 'mappings'), join(folder, 'mappings'), { recursive: true });
    await cp(join(HOME, 'profiles', 'valuesets'), join(folder, 'profiles', 'valuesets'), { recursive: true });
    const versions = async () => {
      const loaded = await loadMappings(folder);
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
      return new Map([...loaded.value.byType].map(([type, { version }]) => [type, version]));
    };
    const before = await versions();
    const changed = async (file: string, change: (text: string) => string) => {
      const text = await readFile(join(folder, file), 'utf8');
      await writeFile(join(folder, file), change(text));
      const after = await versions();
      await writeFile(join(folder, file), text);
      return [...after].filter(([type, version]) => before.get(type) !== version).map(([type]) => type);
    };
    expect(await changed('mappings/Datatypes.map', (text) => `${text}// more\n`)).toEqual(['Observation', 'Specimen']);
    const more = (text: string) => `${text}        - { code: "MORE" }\n`;
    expect(await changed('profiles/valuesets/specimen-condition.yaml', more)).toEqual(['Specimen']);
    expect(await changed('profiles/valuesets/study-arm.yaml', more)).toEqual([]);
    expect(before).toEqual(new Map([...(await mappings()).byType].map(([type, one]) => [type, one.version])));
  });
});

describe('mistakes are told with their place', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a map that cannot be read', { 'x.map': 'map' }, 'x.map:1'],
    ['a second map of a type', { 'x.map': patientMap('', 'https://study.example/p') }, 'There are two maps of Patient'],
    ['a name that the version cannot carry', { 'x.map': patientMap('', PATIENT_URL, 'p1') }, 'The name of a map'],
    [
      'a ValueSet that is not there',
      { 'x.map': patientMap("src.gender as g where memberOf('none') -> tgt.gender = g;") },
      'there is no ValueSet "none"',
    ],
    [
      'an unknown kind',
      { 'x.map': patientMap("src -> tgt.id = pseudonym(src, 'person');") },
      'the kinds of pseudonyms are',
    ],
    ['a ConceptMap without url', { 'x.yaml': 'resourceType: ConceptMap\nid: x\ngroup: []\n' }, 'The url is missing'],
    [
      'two ConceptMaps of one url',
      { 'x.yaml': conceptMap('https://a.example/x', '1'), 'y.yaml': conceptMap('https://a.example/x', '2') },
      'Another file of the folder has this url',
    ],
    [
      'a ValueSet of an id that is taken',
      {
        'x.yaml':
          'resourceType: ValueSet\nid: units\nurl: https://a.example/u\ncompose: { include: [{ system: "http://a.example", concept: [{ code: "a" }] }] }\n',
      },
      'A ValueSet needs an id',
    ],
    [
      'codes that are numbers',
      { 'x.yaml': conceptMap('https://a.example/x', '1').replace('"OP7777"', '7777') },
      'code must be text',
    ],
  ])('%s', async (_, files, message) => {
    const messages = await messagesOf(files);
    expect(messages.join('\n')).toContain(message);
    expect(messages.every((one) => one.includes('mappings/'))).toBe(true);
  });

  test('a folder without any map', async () => {
    const loaded = await loadMappings(await mkdtemp(join(tmpdir(), 'mappings-')));
    expect(loaded).toMatchObject({ ok: false, faults: [{ message: 'There is no map.' }] });
  });
});
