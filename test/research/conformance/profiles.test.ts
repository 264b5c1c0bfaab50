import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileProfiles, createConformance, loadProfiles } from '../../../src/research/conformance/check.ts';
import { parseSource, readSources } from '../../../src/study/source.ts';
import { EXAMPLES, type Json, PROFILES, profiles } from './examples.ts';

const URL_BASE = 'https://study-gateway.example/StructureDefinition/';
const REGEX = 'http://hl7.org/fhir/StructureDefinition/regex';

const authored = (await readSources(PROFILES)).files.filter(({ file }) => !file.startsWith('examples'));

/** The profiles with further files, given as texts. */
function withFiles(files: Record<string, object | string>) {
  const more = Object.entries(files).map(([file, content]) =>
    parseSource(file, typeof content === 'string' ? content : JSON.stringify(content)),
  );
  return compileProfiles([...authored, ...more.map(({ file }) => file)]);
}

/** Replaces StudyPatient by a profile of these elements, beside `id`; the faults as `element: message`. */
function faults(elements: object[], more: object = {}): string[] {
  const id = { id: 'Patient.id', path: 'Patient.id', extension: [{ url: REGEX, valueString: '[a-z]+' }] };
  const definition = {
    resourceType: 'StructureDefinition',
    url: `${URL_BASE}StudyPatient`,
    name: 'StudyPatient',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: { element: [id, ...elements] },
    ...more,
  };
  const result = withFiles({ 'a.json': definition });
  return result.ok ? [] : result.faults.map(({ path, message }) => `${path}: ${message}`);
}

describe('snapshots', () => {
  const snapshot = (type: string) => profiles.byType.get(type)!.snapshot.snapshot.element;
  const element = (type: string, id: string) => snapshot(type).find((one) => one.id === id);

  test('what the differential does not name has max 0, what is inside goes', () => {
    const closed = snapshot('Patient').filter(({ max }) => max === '0');
    expect(closed.map(({ id }) => id)).toEqual(
      'implicitRules language text contained modifierExtension identifier active name telecom birthDate deceased[x] address maritalStatus multipleBirth[x] photo contact communication generalPractitioner managingOrganization link'
        .split(' ')
        .map((name) => `Patient.${name}`),
    );
    expect(element('Patient', 'Patient.contact.name')).toBeUndefined();
  });

  test('what it names keeps what R4 says', () => {
    expect(element('Patient', 'Patient.gender')).toMatchObject({
      min: 0,
      max: '1',
      type: [{ code: 'code' }],
      base: { path: 'Patient.gender' },
    });
    expect(element('Condition', 'Condition')?.constraint?.map(({ key }) => key)).toContain('con-5');
  });

  test('extensions are closed slices by url', () => {
    expect(element('Specimen', 'Specimen.extension')?.slicing).toEqual({
      discriminator: [{ type: 'value', path: 'url' }],
      rules: 'closed',
    });
    expect(element('Specimen', 'Specimen.extension:hold')).toMatchObject({
      path: 'Specimen.extension',
      sliceName: 'hold',
      max: '*',
    });
    expect(element('Specimen', 'Specimen.extension:hold.url')).toMatchObject({ fixedUri: `${URL_BASE}specimen-hold` });
  });

  test('datatypes it goes into are those of the profiles, narrowed', () => {
    const parts = snapshot('Specimen').filter(({ id }) => id?.startsWith('Specimen.collection.quantity.'));
    expect(parts.map(({ path, min, max }) => `${path.split('.').at(-1)} ${min}..${max}`)).toEqual([
      'id 0..0',
      'extension 0..0',
      'value 1..1',
      'comparator 0..1',
      'unit 0..0',
      'system 1..1',
      'code 1..1',
    ]);
  });

  test('are the same each time', async () => {
    const again = await loadProfiles(PROFILES);
    const all = (loaded: typeof profiles) => JSON.stringify([...loaded.byType].map(([, { snapshot: one }]) => one));
    expect(again.ok && all(again.value)).toBe(all(profiles));
  });
});

describe('mistakes of an author are reported', () => {
  test.each<[string, object, string]>([
    ['an element that R4 does not have', { id: 'Patient.age' }, 'Patient.age: R4 has no element "age" here.'],
    ['an element of another type', { id: 'Person.name' }, 'Person.name: The id must begin with Patient.'],
    ['free text', { id: 'Patient.name.text' }, 'Patient.name.text: A text needs a fixed value'],
    [
      'a wider cardinality',
      { id: 'Patient.gender', max: '2' },
      'Patient.gender: The cardinality must lie within 0..1.',
    ],
    [
      'a type that R4 does not have there',
      { id: 'Patient.deceased[x]', type: [{ code: 'string' }] },
      'Patient.deceased[x]: R4 does not have the type "string" here.',
    ],
    [
      'a datatype without profile',
      { id: 'Patient.photo' },
      'Patient.photo: There is no profile of Attachment to say what passes in it.',
    ],
    [
      'a coded element without binding',
      { id: 'Patient.maritalStatus' },
      'Patient.maritalStatus: A coded element needs a required binding',
    ],
    [
      'a binding to a list that is not there',
      { id: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: 'https://x.example/vs' } },
      'Patient.maritalStatus: A coded element needs a required binding',
    ],
    [
      'a binding that does not limit',
      {
        id: 'Patient.maritalStatus',
        binding: { strength: 'extensible', valueSet: 'https://study-gateway.example/ValueSet/clinical-codes' },
      },
      'Patient.maritalStatus: Bind the element as required',
    ],
    [
      'a reference to anything',
      { id: 'Patient.managingOrganization', type: [{ code: 'Reference' }] },
      'Patient.managingOrganization: A reference needs the types',
    ],
    [
      'something required inside that is not named',
      { id: 'Patient.link.type' },
      'Patient.link.other: R4 requires the element, so the profile must name it.',
    ],
    ['nothing named inside', { id: 'Patient.contact' }, 'Patient.contact: Name what passes inside the element.'],
    [
      'a slice of something else',
      { id: 'Patient.name:official' },
      'Patient.name:official: Only extensions can be sliced here.',
    ],
    [
      'an extension that is not there',
      { id: 'Patient.extension:x', type: [{ code: 'Extension', profile: ['https://x.example'] }] },
      'Patient.extension:x: There is no extension "https://x.example".',
    ],
    ['extensions of any kind', { id: 'Patient.extension' }, 'Patient.extension: Name each extension as a slice.'],
    [
      'a limit that is not read',
      { id: 'Patient.gender', patternCode: 'male' },
      'Patient.gender: patternCode is not read here.',
    ],
    [
      'a form that cannot be read',
      { id: 'Patient.language', extension: [{ url: REGEX, valueString: '(' }] },
      'Patient.language: The regular expression cannot be read.',
    ],
  ])('%s', async (_, element, message) => {
    const told = faults([{ path: 'Patient', ...element }]);
    expect(told.some((fault) => fault.startsWith(message)) || told).toBe(true);
  });

  test('id not named, base unknown, a second profile of a type', async () => {
    expect(faults([], { url: `${URL_BASE}OtherPatient` })).toEqual([
      expect.stringContaining('There is another profile of Patient'),
    ]);
    expect(faults([], { baseDefinition: 'https://x.example' })).toContain(
      'Patient: The base definition "https://x.example" is not known.',
    );
  });

  test('a whole code system without the form of its codes, and a file that is neither', async () => {
    const set = {
      resourceType: 'ValueSet',
      url: 'https://x.example/vs',
      compose: { include: [{ system: 'http://snomed.info/sct' }] },
    };
    const result = withFiles({ 'b.json': set, 'c.yaml': 'resourceType: CodeSystem\nurl: https://x.example/cs\n' });
    expect(!result.ok && result.faults.map(({ file, message }) => `${file}: ${message}`)).toEqual([
      'c.yaml: This must be a StructureDefinition or a ValueSet with a url.',
      `b.json: A whole system needs the extension ${URL_BASE}code-form.`,
      'b.json: The set has no codes.',
    ]);
  });

  test('with file and line', async () => {
    const result = withFiles({
      'a.yaml': `resourceType: StructureDefinition\nurl: ${URL_BASE}X\nname: X\nkind: complex-type\ntype: Period\nbaseDefinition: http://hl7.org/fhir/StructureDefinition/Period\ndifferential:\n  element:\n    - { id: Period.start }\n    - { id: Period.middle }\n`,
    });
    expect(!result.ok && result.faults).toEqual([
      { file: 'a.yaml', line: 10, path: 'Period.middle', message: 'R4 has no element "middle" here.' },
    ]);
  });
});

describe('a study of its own', () => {
  test('replaces a definition by its url, for its own check only', async () => {
    const arms = {
      resourceType: 'ValueSet',
      url: 'https://study-gateway.example/ValueSet/study-arm',
      compose: { include: [{ system: 'urn:x', concept: [{ code: 'Arm' }] }] },
    };
    const result = withFiles({ 'arms.json': arms });
    const other = createConformance((result as Extract<typeof result, { ok: true }>).value);
    const subject = EXAMPLES.get('research-subject')!;
    expect(other.check(subject).map(({ code }) => code)).toEqual(['code', 'code', 'code']);
    expect(createConformance(profiles).check(subject)).toEqual([]);
  });

  test('the arms, strata and bases of the study here are those of its files', async () => {
    const study = await readSources(fileURLToPath(new URL('../../../studies/nct07265544/', import.meta.url)));
    const file = (name: string): Json => study.files.find((one) => one.file === name)?.value;
    const allowed = async (name: string) => {
      const sets = await readSources(join(PROFILES, 'valuesets'));
      const set = sets.files.find((one) => one.file === `${name}.yaml`)?.value as Json;
      return set.compose.include[0].concept.map((one: Json) => one.code).sort();
    };
    expect(await allowed('study-arm')).toEqual(
      file('study.yaml')
        .arm.map((arm: Json) => arm.name)
        .sort(),
    );
    const strata = file('groups.yaml').action.flatMap((group: Json) => group.action ?? []);
    expect(await allowed('study-stratum')).toEqual([...new Set(strata.map((one: Json) => one.title))].sort());
    const bases = strata.map((one: Json) => one.extension[0].valueCode);
    expect(await allowed('study-stratum-basis')).toEqual([...new Set(bases)].sort());
  });
});
