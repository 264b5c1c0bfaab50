import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { generateFeed } from './generate.ts';
import { tellAll } from './people.ts';
import { VARIANTS } from './stories/variants.ts';
import { STORIES } from './stories.ts';
import { DEMO_SEED, expectedJson } from './write.ts';

const DEMO = join(import.meta.dirname, '..', '..', 'demo');

/** gzip may be packed differently by another zlib: what counts is what is inside. */
function content(name: string, bytes: string | Uint8Array): string {
  if (typeof bytes === 'string') return bytes;
  return (name.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString('utf8');
}

describe('the generated feed', () => {
  test('is the same for the same seed, and another for another', () => {
    const feed = generateFeed({ seed: 'a' });
    expect(generateFeed({ seed: 'a' })).toEqual(feed);
    expect(generateFeed({ seed: 'b' }).files['bf-export.ndjson']).not.toBe(feed.files['bf-export.ndjson']);
  });

  test('is what lies in demo/', () => {
    const feed = generateFeed({ seed: DEMO_SEED });
    expect(readdirSync(join(DEMO, 'feed')).sort()).toEqual(Object.keys(feed.files).sort());
    for (const [name, bytes] of Object.entries(feed.files)) {
      expect(content(name, readFileSync(join(DEMO, 'feed', name))) === content(name, bytes)).toBe(true);
    }
    expect(readFileSync(join(DEMO, 'expected.json'), 'utf8')).toBe(expectedJson(feed));
  });

  test('the gzip carries neither time nor operating system', () => {
    const gz = generateFeed({ seed: 'a' }).files['ya-Observation.ndjson.gz'] as Uint8Array;
    expect([...gz.slice(4, 8), gz[9]]).toEqual([0, 0, 0, 0, 255]);
  });

  test('names each person once, and nobody’s number of the hospital or name is in a file name', () => {
    const { people, files } = generateFeed({ seed: DEMO_SEED, variants: true });
    const patients = people.flatMap((person) => [person.patient, ...person.aliases]);
    expect(new Set(patients).size).toBe(patients.length);
    expect(Object.keys(files).filter((name) => /\d/.test(name))).toEqual([]);
  });
});

describe('the script of decisions', () => {
  const { people, files } = generateFeed({ seed: DEMO_SEED });
  const scripted = people.filter(({ participant }) => participant !== undefined);

  test('enrols at least two of each group, at several sites, and leads to what only people can decide', () => {
    const groups = scripted.map(({ expected }) => expected!.group);
    for (const group of ['Normal', 'HBV', 'FattyLiver', 'Fibrosis']) {
      expect(groups.filter((one) => one === group).length).toBeGreaterThanOrEqual(2);
    }
    expect(new Set(scripted.map(({ site }) => site)).size).toBe(5);
    const said = people.flatMap(({ expected }) => (expected ? [`${expected.status} ${expected.reason ?? ''}`] : []));
    expect(said).toEqual(
      expect.arrayContaining([
        'on-study ',
        'off-study consent-withdrawn',
        'ineligible unsuitable',
        'not-registered declined',
      ]),
    );
  });

  test('numbers each group from 1 without a gap, in the order of signing', () => {
    const enrolments = (files['zz-decisions.ndjson'] as string)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(
        ({ code, id }) => code.coding[0].code === 'enrol' && scripted.some(({ patient }) => idOf(patient) === id),
      );
    const next = new Map<string, number>();
    for (const { for: who } of enrolments) {
      const { expected, participant } = scripted.find(({ patient }) => patient === who.reference)!;
      const number = (next.get(expected!.group!) ?? 0) + 1;
      next.set(expected!.group!, number);
      expect(participant).toBe(`${expected!.group}-${number}`);
    }
    expect(enrolments).toHaveLength(scripted.length);
  });

  const idOf = (patient: string) => `${patient.slice('Patient/'.length).replace('-p-', '-t-')}-enrol`;
});

describe('the stories', () => {
  const names = STORIES.map((story) => story.name);

  test('have unique names, and the variants are among them', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(VARIANTS.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('give every resource an id of its own; only versions of one resource share it', () => {
    const seen = new Map<string, string>();
    for (const { person, resources } of tellAll('ids', true)) {
      const versions = new Set<string>();
      for (const { resourceType, id, meta } of resources as FhirResource[]) {
        const key = `${person.site}/${resourceType}/${id}`;
        expect(seen.get(key) ?? person.patient).toBe(person.patient);
        seen.set(key, person.patient);
        versions.add(`${key}/${meta?.versionId}`);
      }
      expect([person.story, versions.size]).toEqual([person.story, resources.length]);
    }
  });

  test('show every status reachable without a person, every group, stratum, verdict and flag', () => {
    const expected = STORIES.flatMap((story) => story.expected ?? []);
    const all = (values: Iterable<unknown>) => [...new Set(values)].map(String).sort();
    expect(all(expected.map((each) => each.status))).toEqual([
      'eligible',
      'ineligible',
      'not-registered',
      'potential-candidate',
      'screening',
      'withdrawn',
    ]);
    expect(all(expected.flatMap((each) => each.groups ?? []))).toEqual(['FattyLiver', 'Fibrosis', 'HBV', 'Normal']);
    expect(all(expected.map((each) => each.stratum ?? null))).toEqual([
      'elderly',
      'mild',
      'minor',
      'moderate',
      'null',
      'severe',
      'young',
    ]);
    expect(all(expected.flatMap((each) => Object.values(each.criteria ?? {})))).toEqual([
      'conflict',
      'met',
      'not-applicable',
      'not-met',
      'unknown',
    ]);
    expect(all(STORIES.flatMap((story) => story.counted ?? []))).toEqual([
      'no-disease-evidence',
      'no-liver-procedure-or-consent',
      'outside-period',
      'root-only',
    ]);
  });
});
