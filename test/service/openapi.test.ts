import { createHmac } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { openApi } from '../../src/http/openapi/document.ts';
import { assertionOf } from '../auth/signer.ts';
import { type Holder, newHolder, tokenForm } from './clients.ts';
import { type Operation, operationsOf } from './openapi-operations.ts';
import { routesOf } from './routes.ts';
import { openWholeService, type WholeService, ZN_SECRET } from './whole.ts';

let service: WholeService;
let holder: Holder;
let document: ReturnType<typeof openApi>;
let operations: Map<string, Operation>;

beforeAll(async () => {
  service = await openWholeService();
  holder = await newHolder(service, { id: 'ehr-ya', site: 'ya' });
  document = (await (await fetch(`${service.url}/openapi.json`)).json()) as typeof document;
  operations = operationsOf(document);
});
afterAll(() => service.close());

test('it has exactly the routes that are not FHIR, and the stream of lines', () => {
  const isFhir = (route: string) =>
    (route.includes(' /ehr/:site/fhir') && !route.includes('/.well-known/')) || / \/fhir(\/|$)/.test(route);
  const others = routesOf(service.areas).filter((route) => !isFhir(route));
  const templates = [...operations.keys()].map((name) => name.replaceAll(/\{(\w+)\}/g, ':$1'));
  expect(templates.sort()).toEqual([...others, 'POST /ehr/:site/fhir'].sort());
  expect(Object.keys(operations.get('POST /ehr/{site}/fhir')!.requestBody!.content)).toEqual([
    'application/fhir+ndjson',
    'application/x-ndjson',
  ]);
});

test('it holds together: ids once, every parameter described, every reference leads somewhere', () => {
  expect([document.openapi, document.servers]).toEqual(['3.1.0', [{ url: service.url }]]);
  const ids = [...operations.values()].map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [path, item] of Object.entries(document.paths)) {
    const { parameters = [] } = item as { parameters?: { name: string }[] };
    expect([path, parameters.map(({ name }) => name)]).toEqual([
      path,
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
    ]);
  }
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  const { schemas } = document.components;
  expect([...new Set(references.map(([, name]) => name))].sort()).toEqual(Object.keys(schemas).sort());
});

describe('what is answered is as it says', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const FHIR = { 'content-type': 'application/fhir+json' };
  const bearer = () => ({ authorization: `Bearer ${holder.token}` });

  /** Status, media type and body of an answer against the document. */
  async function check(name: string, answer: Response): Promise<number> {
    const told = operations.get(name)!.responses[String(answer.status)];
    if (!told) throw new Error(`${name}: status ${answer.status} is not in the document`);
    const text = await answer.text();
    if (!told.content) {
      expect(text).toBe('');
      return answer.status;
    }
    const type = (answer.headers.get('content-type') ?? '').split(';')[0]!;
    const { schema } = told.content[type] ?? {};
    if (!schema) throw new Error(`${name}: ${type} is not in the document`);
    if (!type.endsWith('json') || type.endsWith('ndjson')) return answer.status;
    const validate = ajv.compile({ ...schema, components: document.components });
    expect([validate(JSON.parse(text)), validate.errors]).toEqual([true, null]);
    return answer.status;
  }
  const ask = (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, init);

  test('health, SMART configuration, the document itself', async () => {
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json', '/.well-known/smart-configuration']) {
      expect(await check(`GET ${path}`, await ask(path))).toBe(200);
    }
    const ofSite = '/.well-known/smart-configuration';
    expect(await check(`GET /ehr/{site}/fhir${ofSite}`, await ask(`/ehr/ya/fhir${ofSite}`))).toBe(200);
  });

  test('tokens', async () => {
    const given = { client: holder.id, audience: `${service.url}/auth/token`, now: Math.floor(service.now / 1_000) };
    const post = async (body: URLSearchParams | string, type?: string) =>
      check(
        'POST /auth/token',
        await ask('/auth/token', { method: 'POST', body, ...(type ? { headers: { 'content-type': type } } : {}) }),
      );
    expect(await post(tokenForm(await assertionOf(holder.signer, given)))).toBe(200);
    expect(await post(tokenForm('x'))).toBe(400);
    expect(await post(tokenForm('x'.repeat(20_000)))).toBe(413);
    expect(await post('{}', 'application/json')).toBe(415);
  });

  test('notifications', async () => {
    const body = '{"resourceType":"Patient","id":"p-1"}';
    const post = async (site: string, headers: Record<string, string>, text = body) =>
      check('POST /ehr/{site}/notify', await ask(`/ehr/${site}/notify`, { method: 'POST', headers, body: text }));
    const signature = createHmac('sha256', ZN_SECRET).update(body).digest('hex');
    expect(await post('zn', { ...FHIR, 'x-hub-signature-256': `sha256=${signature}` })).toBe(200);
    expect(await post('zn', FHIR)).toBe(401);
    expect(await post('nf', { ...FHIR, ...bearer() })).toBe(403);
    expect(await post('xx', FHIR)).toBe(404);
    expect(await post('ya', { ...FHIR, ...bearer() }, '{')).toBe(400);
    expect(await post('ya', { 'content-type': 'text/plain', ...bearer() })).toBe(415);
    expect(await post('ya', { ...FHIR, ...bearer() })).toBe(422);
    for (const method of ['PUT', 'DELETE']) {
      const answer = await ask('/ehr/ya/notify/Basic/b-1', { method, headers: bearer() });
      expect(await check(`${method} /ehr/{site}/notify/{type}/{id}`, answer)).toBe(200);
    }
  });

  test('lines', async () => {
    const post = async (headers: Record<string, string>) =>
      check('POST /ehr/{site}/fhir', await ask('/ehr/ya/fhir', { method: 'POST', headers, body: '{"a":1}\n' }));
    expect(await post({ 'content-type': 'application/fhir+ndjson', ...bearer() })).toBe(200);
    expect(await post({ 'content-type': 'text/ndjson', ...bearer() })).toBe(415);
    expect(await post({ 'content-type': 'application/fhir+ndjson' })).toBe(401);
  });
});
