import { revokeClient } from '../../src/pipeline/clients.ts';
import { type HolderGiven, newHolder } from './clients.ts';
import { routesOf } from './routes.ts';
import { openWholeService, type WholeService } from './whole.ts';

/** What is sent to a route, and which status each kind of client gets. */
interface Row {
  path: string;
  type?: string;
  body?: unknown;
  expected: Readonly<Record<Kind, number>>;
}

const KINDS = [
  'nobody',
  'garbage',
  'expired',
  'revoked',
  'own',
  'own, to read',
  'own, of another type',
  'other site',
  'registry',
  'operator',
] as const;
type Kind = (typeof KINDS)[number];

/** Open: the same for everybody, whatever token they show. */
const open = (status: number) => Object.fromEntries(KINDS.map((kind) => [kind, status])) as Record<Kind, number>;
/** Behind the check of tokens of a site: by the scopes of its own clients. */
const ofSite = (own: number, toRead: number, otherType: number): Record<Kind, number> => ({
  ...{ nobody: 401, garbage: 401, expired: 401, revoked: 401 },
  ...{ own, 'own, to read': toRead, 'own, of another type': otherType },
  ...{ 'other site': 403, registry: 403, operator: 403 },
});

/** Behind the check of tokens of registries. */
const ofRegistry = (registry: number): Record<Kind, number> => ({
  ...{ nobody: 401, garbage: 401, expired: 401, revoked: 401 },
  ...{ own: 403, 'own, to read': 403, 'own, of another type': 403, 'other site': 403, operator: 403 },
  registry,
});

const PATIENT = { resourceType: 'Patient', id: 'p-access', active: true };
const BASIC = { resourceType: 'Basic', id: 'b-access', code: { text: 'x' } };
const HANDSHAKE = {
  resourceType: 'Bundle',
  type: 'history',
  entry: [
    {
      resource: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'subscription', valueReference: { reference: 'Subscription/s-1' } },
          { name: 'status', valueCode: 'active' },
          { name: 'type', valueCode: 'handshake' },
          { name: 'events-since-subscription-start', valueString: '0' },
        ],
      },
    },
  ],
};
const transaction = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [{ resource: PATIENT, request: { method: 'PUT', url: 'Patient/p-access' } }],
};
const BASE = '/ehr/ya/fhir';
const NOTIFY = '/ehr/ya/notify';

const FORM = 'application/x-www-form-urlencoded';
const NOWHERE = 'a'.repeat(26);
/** What a hospital reads at its base: searches find nothing yet, and no such resource is there. */
const READ = Object.fromEntries(
  ['ResearchSubject', 'Task', 'Flag', 'List', 'Subscription'].flatMap((type): [string, Row][] => [
    [`GET /ehr/:site/fhir/${type}`, { path: `${BASE}/${type}`, expected: ofSite(200, 200, 403) }],
    [
      `POST /ehr/:site/fhir/${type}/_search`,
      { path: `${BASE}/${type}/_search`, type: FORM, body: '_count=1', expected: ofSite(200, 200, 403) },
    ],
    [`GET /ehr/:site/fhir/${type}/:id`, { path: `${BASE}/${type}/${NOWHERE}`, expected: ofSite(404, 404, 403) }],
  ]),
);
const SUBSCRIPTION = { resourceType: 'Subscription' };

/** Of registries: the one of these tests has no agreement, so it sees nothing. What is no request of its kind is said first. */
const REGISTRY = Object.fromEntries(
  [
    'GET /fhir/$export',
    'GET /fhir/:type',
    'GET /fhir/:type/:id',
    'GET /fhir/:type/:id/:third',
    'GET /fhir/:type/:id/:third/:version',
    'GET /fhir/:type/:id/:third/:version/:more',
    'GET /fhir/Group/:id/$export',
    'GET /fhir/Patient/$export',
    'GET /fhir/export/:id',
    'GET /fhir/export/:id/:file',
    'DELETE /fhir/export/:id',
    'POST /fhir',
    'POST /fhir/$export',
    'POST /fhir/:type/:id/$everything',
    'POST /fhir/:type/_search',
    'POST /fhir/Group/:id/$export',
    'POST /fhir/Patient/$export',
  ].map((name): [string, Row] => {
    const path = name.split(' ')[1]!.replace(':type', 'Patient').replace(':third', '_history').replaceAll(/:\w+/g, '1');
    const status = name.startsWith('POST') ? 415 : name.endsWith('$export') ? 400 : 403;
    return [name, { path, expected: ofRegistry(status) }];
  }),
);

/** Every route of the service. One that is missing here fails the test. */
const ROWS: Readonly<Record<string, Row>> = {
  ...READ,
  'GET /ehr/:site/fhir/ResearchSubject/:id/_history': {
    path: `${BASE}/ResearchSubject/${NOWHERE}/_history`,
    expected: ofSite(404, 404, 403),
  },
  'GET /ehr/:site/fhir/ResearchSubject/:id/_history/:version': {
    path: `${BASE}/ResearchSubject/${NOWHERE}/_history/1`,
    expected: ofSite(404, 404, 403),
  },
  'POST /ehr/:site/fhir/Subscription': {
    path: `${BASE}/Subscription`,
    body: SUBSCRIPTION,
    expected: ofSite(400, 403, 403),
  },
  'PUT /ehr/:site/fhir/Subscription/:id': {
    path: `${BASE}/Subscription/s1`,
    body: { ...SUBSCRIPTION, id: 's1' },
    expected: ofSite(400, 403, 403),
  },
  'DELETE /ehr/:site/fhir/Subscription/:id': { path: `${BASE}/Subscription/s1`, expected: ofSite(404, 403, 403) },
  'GET /ehr/:site/events': { path: '/ehr/ya/events', expected: ofSite(200, 200, 403) },
  ...REGISTRY,
  'GET /fhir/metadata': { path: '/fhir/metadata', expected: open(200) },
  'GET /fhir/.well-known/smart-configuration': { path: '/fhir/.well-known/smart-configuration', expected: open(200) },
  'GET /livez': { path: '/livez', expected: open(200) },
  'GET /readyz': { path: '/readyz', expected: open(200) },
  'GET /metrics': { path: '/metrics', expected: open(200) },
  'GET /openapi.json': { path: '/openapi.json', expected: open(200) },
  'GET /.well-known/smart-configuration': { path: '/.well-known/smart-configuration', expected: open(200) },
  'POST /auth/token': {
    path: '/auth/token',
    type: 'application/x-www-form-urlencoded',
    body: 'grant_type=client_credentials',
    expected: open(400),
  },
  'GET /ehr/:site/fhir/metadata': { path: `${BASE}/metadata`, expected: open(200) },
  'GET /ehr/:site/fhir/.well-known/smart-configuration': {
    path: `${BASE}/.well-known/smart-configuration`,
    expected: open(200),
  },
  'POST /ehr/:site/fhir': { path: BASE, body: transaction, expected: ofSite(200, 403, 403) },
  'POST /ehr/:site/fhir/:type': { path: `${BASE}/Patient`, body: PATIENT, expected: ofSite(200, 403, 403) },
  'PUT /ehr/:site/fhir/:type/:id': { path: `${BASE}/Patient/p-access`, body: PATIENT, expected: ofSite(200, 403, 403) },
  'PUT /ehr/:site/fhir/:type': {
    path: `${BASE}/Patient?identifier=https://x.example/sid|1`,
    body: PATIENT,
    expected: ofSite(200, 403, 403),
  },
  'DELETE /ehr/:site/fhir/:type/:id': { path: `${BASE}/Patient/p-access`, expected: ofSite(204, 403, 403) },
  // A notification writes nothing that it brings: all it causes is a read at the site's own server.
  'POST /ehr/:site/notify': { path: NOTIFY, body: HANDSHAKE, expected: ofSite(200, 200, 200) },
  'PUT /ehr/:site/notify/:type/:id': {
    path: `${NOTIFY}/Basic/b-access`,
    body: BASIC,
    expected: ofSite(200, 200, 200),
  },
  'DELETE /ehr/:site/notify/:type/:id': { path: `${NOTIFY}/Basic/b-access`, expected: ofSite(200, 200, 200) },
};

let service: WholeService;
const tokens = new Map<Kind, string | null>();

beforeAll(async () => {
  service = await openWholeService();
  const given: Partial<Record<Kind, Omit<HolderGiven, 'id'>>> = {
    revoked: { site: 'ya' },
    own: { site: 'ya' },
    'own, to read': { site: 'ya', scopes: 'system/*.rs' },
    'own, of another type': { site: 'ya', scopes: 'system/Observation.cruds system/Condition.cruds' },
    'other site': { site: 'nf' },
    registry: { kind: 'registry', registry: 'china' },
    operator: { kind: 'operator' },
  };
  for (const [at, [kind, one]] of Object.entries(given).entries()) {
    const { id, token } = await newHolder(service, { id: `client-${at}`, ...one });
    tokens.set(kind as Kind, token);
    if (kind === 'revoked') await revokeClient(service.gateway, id);
  }
  tokens.set('nobody', null).set('garbage', 'e30.e30.e30');
  const { now } = service;
  service.now = now - 400_000;
  tokens.set('expired', (await newHolder(service, { id: 'client-late', site: 'ya' })).token);
  service.now = now;
});
afterAll(() => service.close());

test('every route has its row, and every row its route', () => {
  expect(Object.keys(ROWS).sort()).toEqual(routesOf(service.areas));
});

test.each(Object.entries(ROWS))('%s', async (name, { path, type = 'application/fhir+json', body, expected }) => {
  const method = name.split(' ')[0]!;
  // So that writes which pass find the resource, and are answered 200 whoever was first.
  const own = { authorization: `Bearer ${tokens.get('own')}`, 'content-type': 'application/fhir+json' };
  await fetch(`${service.url}${BASE}/Patient/p-access`, { method: 'PUT', headers: own, body: JSON.stringify(PATIENT) });
  const seen: Record<string, number> = {};
  for (const kind of KINDS) {
    const token = tokens.get(kind);
    const answer = await fetch(`${service.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    seen[kind] = answer.status;
    if (answer.status === 401 || answer.status === 403) {
      const told = await answer.json();
      // Another token would not help somebody without an agreement.
      if (!JSON.stringify(told).includes('"no-agreement"'))
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="study-gateway"/);
      expect(told).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
    }
  }
  expect(seen).toEqual(expected);
});
