import type { r4 } from '../../src/fhir/resource.ts';
import * as b from '../feed/builders.ts';
import { type Holder, newHolder } from './clients.ts';
import { samplesOf } from './samples.ts';
import { openWholeService, type WholeService } from './whole.ts';

let service: WholeService;
let holder: Holder;
let rest: r4.CapabilityStatementRest;

const BASE = '/ehr/ya/fhir';
const ctx = b.feedContext('ya', 41, 'capability');
/** One of every type that is kept, and some of types that are not. */
const SAMPLES = [
  ...samplesOf(ctx),
  b.allergyIntolerance(ctx),
  { resourceType: 'Organization', id: 'org-1', name: 'x' },
  { resourceType: 'QuestionnaireResponse', id: 'qr-1', status: 'completed' },
  { resourceType: 'Task', id: 'task-1', status: 'draft', intent: 'order' },
] as (Record<string, unknown> & { resourceType: string; id: string })[];

interface Answered {
  status: number;
  etag: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into.
  body: any;
}

async function ask(method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<Answered> {
  const headers = { authorization: `Bearer ${holder.token}`, 'content-type': 'application/fhir+json', ...more };
  const answer = await fetch(`${service.url}${BASE}${path}`, {
    method,
    headers,
    body: body ? JSON.stringify(body) : null,
  });
  const text = await answer.text();
  return { status: answer.status, etag: answer.headers.get('etag'), body: text === '' ? null : JSON.parse(text) };
}

/** The same resource as a newer version, with an identifier of its own. */
function newer<T extends { id: string }>(resource: T, second: number, more: object = {}): T {
  const at = `2025-05-30T08:00:${String(second).padStart(2, '0')}Z`;
  return { ...resource, meta: { lastUpdated: at }, ...more };
}

beforeAll(async () => {
  service = await openWholeService();
  holder = await newHolder(service, { id: 'ehr-ya', site: 'ya' });
  const { status, body } = await ask('GET', '/metadata');
  expect([status, body.resourceType, body.implementation.url]).toEqual([
    200,
    'CapabilityStatement',
    `${service.url}${BASE}`,
  ]);
  rest = body.rest[0];
});
afterAll(() => service.close());

const told = (type: string) => rest.resource!.find((one) => one.type === type)!;

describe.each(SAMPLES.map((sample) => [sample.resourceType, sample] as const))(
  '%s: what is claimed',
  (type, sample) => {
    const claims = (code: string) => told(type).interaction!.some((one) => one.code === code);
    const path = `/${type}/${sample.id}`;

    test('create and update', async () => {
      expect([claims('create'), claims('update'), told(type).updateCreate]).toEqual([true, true, true]);
      const { id: _, ...nameless } = newer(sample, 0);
      expect([200, 201]).toContain((await ask('POST', `/${type}`, nameless)).status);
      expect([200, 201]).toContain((await ask('PUT', path, newer(sample, 1))).status);
    });

    test('versions', async () => {
      const { versioning } = told(type);
      const { etag } = await ask('PUT', path, newer(sample, 2));
      if (versioning === 'no-version') return expect(etag).toBeNull();
      expect(versioning).toBe('versioned-update');
      expect(etag).toMatch(/^W\/"\d+"$/);
      expect((await ask('PUT', path, newer(sample, 3), { 'if-match': 'W/"4711"' })).status).toBe(412);
      expect((await ask('PUT', path, newer(sample, 3), { 'if-match': etag! })).status).toBe(200);
    });

    test('conditional create and update, and delete not', async () => {
      const { conditionalCreate, conditionalUpdate, conditionalDelete } = told(type);
      expect([conditionalCreate, conditionalUpdate, conditionalDelete]).toEqual([true, true, 'not-supported']);
      const criteria = `identifier=https://x.example/sid|${type}`;
      const created = await ask('POST', `/${type}`, newer(sample, 4), { 'if-none-exist': criteria });
      expect([200, 201]).toContain(created.status);
      expect([200, 201]).toContain((await ask('PUT', `/${type}?${criteria}`, newer(sample, 5))).status);
      expect((await ask('DELETE', `/${type}?${criteria}`)).status).toBe(405);
    });

    test('transaction and batch', async () => {
      expect(rest.interaction!.map(({ code }) => code).sort()).toEqual(['batch', 'transaction']);
      for (const [at, kind] of ['transaction', 'batch'].entries()) {
        const entry = [{ resource: newer(sample, 6 + at), request: { method: 'PUT', url: path.slice(1) } }];
        const { status, body } = await ask('POST', '', { resourceType: 'Bundle', type: kind, entry });
        expect([status, body.type]).toEqual([200, `${kind}-response`]);
        expect(body.entry[0].response.status).toMatch(/^20[01] /);
      }
    });

    test('delete', async () => {
      expect(claims('delete')).toBe(true);
      expect((await ask('DELETE', path)).status).toBe(204);
    });
  },
);

test('what is not claimed is refused, for every type: reading, searching, histories, patches, operations', async () => {
  const asks: Readonly<Record<string, readonly [string, string]>> = {
    read: ['GET', '/p'],
    vread: ['GET', '/p/_history/1'],
    'history-instance': ['GET', '/p/_history'],
    'history-type': ['GET', '/_history'],
    'search-type': ['GET', '?_id=p'],
    patch: ['PATCH', '/p'],
    operation: ['POST', '/$validate'],
  };
  const wrong: string[] = [];
  for (const { type, interaction } of rest.resource!) {
    const claimed = interaction!.map(({ code }) => code as string);
    for (const [code, [method, path]] of Object.entries(asks)) {
      if (claimed.includes(code)) continue;
      const { status, body } = await ask(method, `/${type}${path}`, method === 'GET' ? undefined : {});
      if (![400, 404, 405].includes(status) || body.resourceType !== 'OperationOutcome')
        wrong.push(`${type} ${code}: ${status}`);
    }
  }
  expect(wrong).toEqual([]);
  for (const path of ['/_history', '?_type=Patient', '/$export', '/Group/g/$export']) {
    expect([404, 405]).toContain((await ask('GET', path)).status);
  }
});

test('types that are not in it are refused, and R4 has no others', async () => {
  const types = rest.resource!.map(({ type }) => type as string);
  expect(new Set(types).size).toBe(types.length);
  for (const type of ['Bundle', 'DomainResource', 'Resource', 'Transport', 'patient']) {
    expect(types).not.toContain(type);
    for (const [method, path] of [
      ['POST', ''],
      ['PUT', '/x'],
      ['DELETE', '/x'],
    ] as const) {
      const { status } = await ask(
        method,
        `/${type}${path}`,
        method === 'DELETE' ? undefined : { resourceType: type, id: 'x' },
      );
      expect([`${method} ${type}`, status]).toEqual([`${method} ${type}`, type === 'Bundle' ? 422 : 404]);
    }
  }
});
