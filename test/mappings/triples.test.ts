import { readFileSync } from 'node:fs';
import type { FhirResource } from '../../src/fhir/resource.ts';
import type { DeriveContext, LeftOut } from '../../src/research/derive/derive.ts';
import { readSources } from '../../src/study/source.ts';
import { bytes, conformance, contextOf, deriver, HOME } from '../research/derive/deriver.ts';

/** What a hospital sends, what the gateway knows beside it, and what becomes of it. */
interface Triple {
  title: string;
  context?: Partial<DeriveContext> & { patient?: string; without?: string[] };
  source: FhirResource;
  expected: { unread?: string[]; unmatched?: string[] } & (
    | { resource: FhirResource }
    | { held: { code: string; expression: string | null }[] }
    | { leftOut: LeftOut }
  );
}

const { files, faults } = await readSources(`${HOME}test/mappings`);
const TRIPLES = files.map(({ file, value }): [string, Triple] => [file, value as Triple]);
const derive = await deriver();

/** A pseudonym that can be read: of `c2` as a condition `conditionc2aaaaaaaaaaaaaaa`. */
const pseudonym = (kind: string, id: string) =>
  `${kind}${id}`
    .replace(/[^a-z2-7]/g, '')
    .padEnd(26, 'a')
    .slice(0, 26);

/** In the files `<condition c2>` stands for the pseudonym. */
function written(resource: FhirResource): FhirResource {
  const text = JSON.stringify(resource).replace(/<([a-z-]+) ([A-Za-z0-9-]+)>/g, (_, kind, id) => pseudonym(kind, id));
  return JSON.parse(text) as FhirResource;
}

/** Lines of the maps may move. */
const places = (unmatched: readonly string[]) => unmatched.map((one) => one.replace(/ \(line \d+\)$/, ''));

function derived({ context = {}, source }: Triple) {
  const { without = [], patient = 'p2', ...more } = context;
  return derive.derive(
    source,
    contextOf('ya', patient, {
      ...more,
      pseudonym: (kind, id) => (without.includes(`${kind} ${id}`) ? null : pseudonym(kind, id)),
    }),
  );
}

test('every file is read', () => {
  expect(faults).toEqual([]);
  const counts = new Map<string, number>();
  for (const [file] of TRIPLES) counts.set(file.split('/')[0]!, (counts.get(file.split('/')[0]!) ?? 0) + 1);
  const folders = [
    'adverse-event',
    'condition',
    'consent',
    'diagnostic-report',
    'observation',
    'patient',
    'procedure',
    'specimen',
  ];
  expect([...counts.keys()].sort()).toEqual(folders);
  expect([...counts.values()].filter((count) => count < 6)).toEqual([]);
});

describe.each(TRIPLES)('%s', (file, triple) => {
  const { title, expected, source } = triple;

  test(title, () => {
    const result = derived(triple);
    const { unread = [], unmatched = [] } = expected;
    if ('leftOut' in expected) {
      expect(result).toEqual({ kind: 'left-out', reason: expected.leftOut });
    } else if ('held' in expected) {
      if (result.kind !== 'held') throw new Error(`${file} is not held`);
      expect(result.faults.map(({ code, expression }) => ({ code, expression }))).toEqual(expected.held);
      expect(places(result.unmatched)).toEqual(unmatched);
      expect(result).not.toHaveProperty('resource');
    } else {
      if (result.kind !== 'resource') throw new Error(`${file}: ${JSON.stringify(result)}`);
      expect(result.resource).toEqual(written(expected.resource));
      expect({ unread: result.unread, unmatched: places(result.unmatched) }).toEqual({ unread, unmatched });
      expect(result.mapVersion).toMatch(new RegExp(`^Study${source.resourceType}@[0-9a-f]{12}$`));
      expect(conformance.check(written(expected.resource))).toEqual([]);
    }
  });

  test('twice gives the same bytes, and leaves the source as it is', () => {
    const before = bytes(source);
    expect(bytes(derived(triple))).toBe(bytes(derived({ ...triple, source: structuredClone(source) })));
    expect(bytes(source)).toBe(before);
  });
});

test('nothing that identifies stands in an expected resource', () => {
  for (const [file, { expected }] of TRIPLES) {
    const text = 'resource' in expected ? JSON.stringify(expected.resource) : '';
    expect([file, /[\u4e00-\u9fff]|ya\.example|display|"text"/.exec(text)?.[0]]).toEqual([file, undefined]);
    expect(readFileSync(`${HOME}test/mappings/${file}`, 'utf8')).toContain('title: ');
  }
});
