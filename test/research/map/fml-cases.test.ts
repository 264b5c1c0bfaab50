import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { execute } from '../../../src/research/map/execute.ts';
import { loadMaps } from '../../../src/research/map/load.ts';
import { CONTEXT, LANGUAGE } from './load-map.ts';

/** Public test cases of the FHIR Mapping Language; where they are absent there is nothing to run. */
const CASES = new URL('../../../../shared/data/fml-cases/', import.meta.url);
const PRESENT = existsSync(CASES);
const suite = PRESENT ? describe : describe.skip;

const textOf = (name: string) => readFileSync(new URL(name, CASES), 'utf8');
const load = (file: string) => loadMaps([{ file, text: textOf(file) }], LANGUAGE);

const CAPABILITIES = {
  resourceType: 'CapabilityStatement',
  name: 'n',
  title: 't',
  status: 'active',
  rest: [{ mode: 'server', resource: [{ type: 'Patient', interaction: [{ code: 'read' }, { code: 'update' }] }] }],
};
/** Claimed, with the source that the cases lack and what the map says of it. */
const OWN_SOURCE: Record<string, object> = {
  'syntaxshort.map': { resourceType: 'CapabilityStatement', name: 'n', title: 't' },
  'whereclause.map': {
    resourceType: 'CapabilityStatement',
    rest: [{ resource: [{ interaction: [{ code: 'update' }] }] }],
  },
};
const CLAIMED = ['qr2pat-assignment', 'qr2pat-gender', 'qr2pat-humannameshared', 'qr2pat-humannametwice'];
const REFUSED: Record<string, [line: number, message: string]> = {
  'ActivityDefinition.map': [3, 'R4 has no type "http://hl7.org/fhir/3.0/StructureDefinition/ActivityDefinition"'],
  'cast.map': [8, 'narrow it to "ext.value : Type"'],
  'qr2cda-eval.json': [1, 'The map cannot be read'],
  'qr2cda-eval.map': [7, 'FHIRPath writes strings in single quotes'],
  'qr2cda.map': [4, 'R4 has no type "http://hl7.org/fhir/cdatest/StructureDefinition/ClinicalDocument"'],
  'qr2cdaxsi.map': [4, 'R4 has no type "http://hl7.org/fhir/cdatest/StructureDefinition/ClinicalDocument"'],
  'qr2pat-gender-conformstoqr.map': [8, 'the function conformsTo() is not part of the language of maps'],
  'qr2patfordates.map': [9, 'times and quantities are not part of the language of maps'],
  'qr2reference.map': [7, "a reference to a source would give on the hospital's id"],
  'syntax.map': [12, "a reference to a source would give on the hospital's id"],
};

suite('public cases of the mapping language', () => {
  const files = PRESENT
    ? readdirSync(CASES).filter((name) => name.endsWith('.map') || name === 'qr2cda-eval.json')
    : [];

  test('each is claimed or refused', () => {
    const known = [...CLAIMED.map((name) => `${name}.map`), ...Object.keys(OWN_SOURCE), ...Object.keys(REFUSED)];
    expect(known.sort()).toEqual(files.sort());
  });

  test.each(CLAIMED)('%s gives what is expected', (name) => {
    const result = load(`${name}.map`);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const mapped = execute(result.value, result.value.urls[0]!, JSON.parse(textOf('qr.json')), CONTEXT);
    expect(mapped).toMatchObject({ ok: true, unmatched: [] });
    expect(mapped.ok && mapped.value).toEqual(JSON.parse(textOf(`${name}-res.json`)));
  });

  test.each(Object.entries(OWN_SOURCE))('%s', (file, expected) => {
    const result = load(file);
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const mapped = execute(result.value, result.value.urls[0]!, CAPABILITIES, CONTEXT);
    expect(mapped.ok && mapped.value).toEqual(expected);
  });

  test.each(Object.entries(REFUSED))('%s is refused', (file, [line, message]) => {
    const result = load(file);
    expect(result.ok ? null : result.faults[0]).toMatchObject({
      file,
      line,
      message: expect.stringContaining(message),
    });
  });

  test('the quirk tgt.identifer is found', () => {
    const result = load('syntax.map');
    expect(result.ok ? [] : result.faults.map(({ line, message }) => `${line} ${message}`)).toContain(
      '14 R4 has no element "identifer" in Basic',
    );
  });
});
