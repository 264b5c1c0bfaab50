import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Client } from '../../../src/auth/client.ts';
import { createAuth } from '../../../src/auth/service.ts';
import type { AuthSettings } from '../../../src/auth/settings.ts';
import { authenticated, clientOf, requireScope } from '../../../src/http/auth/authenticated.ts';
import { smartConfiguration } from '../../../src/http/auth/smart-configuration.ts';
import { tokenRouter } from '../../../src/http/auth/token-route.ts';
import { addClient, clientDesk } from '../../../src/pipeline/clients.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { type AssertionGiven, assertionOf, type Signer } from '../../auth/signer.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The auth part of the service over real HTTP, with bases that only say who came. */
export interface Service {
  url: string;
  tokenUrl: string;
  store: Store;
  signingKey: KeyObject;
  settings: AuthSettings;
  /** Milliseconds since 1970; the test moves it. */
  now: number;
  /** Faults that reached the end of the chain. */
  faults: unknown[];
  add(client: Pick<Client, 'id' | 'keys'> & Partial<Client>): Promise<void>;
  /** Closes the store and the keys fetched so far, and opens them again, as a restart does. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const NOW = Date.parse('2025-06-01T00:00:00Z');

export async function openService(file: string, changed: Partial<AuthSettings> = {}): Promise<Service> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server: Server = createServer((req, res) => app(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { baseUrl: url, jwksHosts: [], loopbackHttp: true, tokenSeconds: 300, ...changed };
  const service: Service = {
    url,
    tokenUrl: `${url}/auth/token`,
    store: await openSqliteStore(file),
    signingKey: privateKey,
    settings,
    now: NOW,
    faults: [],
    async add(client) {
      const added = { name: 'A client', kind: 'site', site: 'ya', registry: null, scopes: 'system/*.cruds', ...client };
      const { store } = service;
      expect(await addClient({ store, clock: () => service.now, actor: 'test' }, added as Client)).toBe(true);
    },
    async restart() {
      await service.store.close();
      service.store = await openSqliteStore(file);
      app = appOf(service);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.store.close();
    },
  };
  let app = appOf(service);
  return service;
}

function appOf(service: Service): express.Express {
  const { settings, store, signingKey } = service;
  const clock = () => service.now;
  let tokens = 0;
  const auth = createAuth({
    settings,
    clients: clientDesk(store, clock),
    signingKey,
    clock,
    newId: () => `token-${++tokens}`,
  });
  const app = express().disable('x-powered-by');
  app.use(tokenRouter(auth));
  app.use(smartConfiguration(auth));
  const who: express.RequestHandler = (_req, res) => {
    const { id, kind, site, registry, scopes } = clientOf(res);
    res.json({ id, kind, site, registry, scopes: Object.fromEntries(scopes) });
  };
  const bases = [
    ['/ehr/:site/fhir', 'ehr'],
    ['/fhir', 'fhir'],
    ['/operations', 'operations'],
  ] as const;
  for (const [path, base] of bases) {
    const router = express.Router();
    router.get('/who', who);
    router.get(
      '/:type',
      requireScope((req) => String(req.params.type), 's'),
      who,
    );
    router.post('/Patient', requireScope('Patient', 'c'), who);
    app.use(path, smartConfiguration(auth), authenticated(auth, { base }), router);
  }
  app.use('/no-site', authenticated(auth, { base: 'ehr' }), who);
  app.use('/open', who);
  const last: express.ErrorRequestHandler = (error, _req, res, _next) => {
    service.faults.push(error);
    res.status(500).end();
  };
  return app.use(last);
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at answers as clients do.
  body: any;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** A token request; a parameter that is undefined is left out. */
export async function post(service: Service, form: Record<string, string | undefined>): Promise<Answer> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, value);
  return answerOf(await fetch(service.tokenUrl, { method: 'POST', body }));
}

/** A token request as SMART Backend Services wants it, but for what is replaced. */
export async function askToken(
  service: Service,
  signer: Signer,
  given: Partial<AssertionGiven> & { client: string },
  form: Record<string, string | undefined> = {},
): Promise<Answer> {
  const now = service.now / 1_000;
  return post(service, {
    grant_type: 'client_credentials',
    client_assertion_type: JWT_BEARER,
    client_assertion: await assertionOf(signer, { audience: service.tokenUrl, now, ...given }),
    scope: 'system/*.cruds',
    ...form,
  });
}

/** An access token of a client that may have one. */
export async function tokenOf(service: Service, signer: Signer, client: string, scope?: string): Promise<string> {
  const { status, body } = await askToken(service, signer, { client }, scope === undefined ? {} : { scope });
  expect([status, body]).toEqual([200, body]);
  return body.access_token;
}

export async function get(service: Service, path: string, authorization?: string, method = 'GET'): Promise<Answer> {
  const headers = authorization === undefined ? {} : { authorization };
  return answerOf(await fetch(`${service.url}${path}`, { method, headers }));
}
