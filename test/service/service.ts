import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAuth } from '../../src/auth/service.ts';
import { loadForms } from '../../src/forms/load.ts';
import { createApp } from '../../src/http/app.ts';
import { tokenArea } from '../../src/http/auth/area.ts';
import type { Ahead } from '../../src/http/ehr/ahead/pool.ts';
import { ehrArea } from '../../src/http/ehr/area.ts';
import { createRateLimits } from '../../src/http/rate.ts';
import { eventsArea, hospitalReading } from '../../src/http/read/area.ts';
import { type ScreeningLoop, startScreening } from '../../src/jobs/screening.ts';
import { createHealth } from '../../src/operations/health.ts';
import { createLog } from '../../src/operations/log.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { addClient, clientDesk } from '../../src/pipeline/clients.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { createNoticeBell, withNoticeBell } from '../../src/pipeline/notice-bell.ts';
import { createHospitalFhir } from '../../src/views/hospital-fhir.ts';
import { assertionOf, newSigner } from '../auth/signer.ts';
import { HOME, NOW, openTestGateway, type TestGatewayOptions } from '../pipeline/gateway.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface ServiceOptions extends TestGatewayOptions {
  /** File of the store; in memory without one. */
  file?: string;
  /** Reads Bundles in a thread; without it none is. */
  ahead?: Ahead;
  limits?: Partial<{ maxBodyBytes: number; maxEntries: number; maxDepth: number }>;
}

/** The whole service over real HTTP on a port of its own, as `npm start` puts it together, with a clock that stands. */
export interface TestService {
  url: string;
  gateway: Gateway;
  screening: ScreeningLoop;
  /** Milliseconds since 1970; the test moves it. */
  now: number;
  /** Lines of the log. */
  logged: string[];
  /** Faults that jobs told of. */
  faults: unknown[];
  /** A token for a client of a site, made when first asked for. */
  token(site: string, scopes?: string): Promise<string>;
  /** Asks with the token of a site's client. */
  ask(method: string, path: string, body?: unknown, more?: AskOptions): Promise<Asked>;
  close(): Promise<void>;
}

export interface AskOptions {
  site?: string;
  scopes?: string;
  token?: string | null;
  headers?: Record<string, string>;
}

export interface Asked {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; null when it is empty. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into.
  body: any;
}

const ALL = 'system/*.cruds';

/** Opens a service for each test of a file, and closes it; a fault of ours in any of them fails it. */
export function eachWithService(opened: (service: TestService) => void): void {
  let service: TestService;
  beforeEach(async () => {
    service = await openTestService();
    opened(service);
  });
  afterEach(async () => {
    await service.close();
    expect(service.faults).toEqual([]);
  });
}

export async function openTestService(options: ServiceOptions = {}): Promise<TestService> {
  const time = { now: NOW };
  const opened = await openTestGateway(options.file ?? ':memory:', options);
  const forms = await loadForms(join(HOME, 'studies', 'nct07265544'), opened.loaded.study);
  if (!forms.ok) throw new Error(JSON.stringify(forms.faults));
  const bell = createNoticeBell();
  const store = withNoticeBell(opened.store, bell);
  const gateway: Gateway = { ...opened, store, forms: forms.value, clock: () => time.now, actor: 'service' };
  const logged: string[] = [];
  const log = createLog('info', { write: (line: string) => void logged.push(line) }, () => time.now);
  const metrics = createMetrics();
  const settings = { maxBodyBytes: 1024 * 1024, maxEntries: 5_000, maxDepth: 64, ...options.limits };
  const rates = createRateLimits({ ratePerClient: 10_000_000, ratePerAddress: 10_000_000 }, randomBytes(32));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokens = new Map<string, Promise<string>>();
  const service: TestService = {
    url,
    gateway,
    get now() {
      return time.now;
    },
    set now(at) {
      time.now = at;
    },
    logged,
    faults: [],
    screening: undefined as unknown as ScreeningLoop,
    token(site, scopes = ALL) {
      const key = `${site} ${scopes}`;
      const known = tokens.get(key) ?? newToken(site, scopes);
      tokens.set(key, known);
      return known;
    },
    async ask(method, path, body, { site = 'ya', scopes, token, headers = {} } = {}) {
      const bearer = token === undefined ? await service.token(site, scopes) : token;
      const sent =
        body === undefined
          ? null
          : typeof body === 'string' || body instanceof Uint8Array
            ? body
            : JSON.stringify(body);
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(sent === null ? {} : { 'content-type': 'application/fhir+json' }),
          ...headers,
        },
        body: sent as string | null,
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
    },
    async close() {
      stopping.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await service.screening.stop();
      await gateway.store.close();
    },
  };
  service.screening = startScreening({ gateway, failed: (error) => void service.faults.push(error) });
  const auth = createAuth({
    settings: { baseUrl: url, jwksHosts: [], loopbackHttp: true, tokenSeconds: 300 },
    clients: clientDesk(gateway.store, gateway.clock),
    signingKey: privateKey,
    clock: gateway.clock,
    newId: nextId('token'),
  });
  const stopping = new AbortController();
  const reading = {
    gateway,
    sites: gateway.sites,
    publicUrl: url,
    fhir: createHospitalFhir(gateway.store, gateway.loaded.study),
    bell,
    shape: gateway.shape,
    limits: settings,
    loopbackHttp: true,
    newId: nextId('subscription'),
    random: randomBytes,
    clock: gateway.clock,
    stopping: stopping.signal,
  };
  const app = createApp({
    log,
    metrics,
    clock: gateway.clock,
    newId: nextId('request'),
    settings: { uploadSeconds: 60, trustProxy: [] },
    health: createHealth(5_000),
    rates,
    areas: [
      tokenArea(auth),
      eventsArea(auth, rates, reading),
      ehrArea({
        gateway,
        limits: settings,
        ahead: options.ahead,
        publicUrl: url,
        onWritten: () => service.screening.wake(),
        onWriting: () => () => {},
        count: () => {},
        auth,
        rates,
        reading: hospitalReading(reading),
        since: new Date(NOW).toISOString(),
      }),
    ],
  });
  server.on('request', app);
  return service;

  async function newToken(site: string, scopes: string): Promise<string> {
    const signer = await newSigner('ES384', 'k1');
    const id = `client-${tokens.size}-${site}`;
    const client = {
      id,
      name: `EHR of ${site}`,
      kind: 'site' as const,
      site,
      registry: null,
      scopes,
      keys: { jwks: { keys: [signer.jwk] } },
    };
    await addClient(gateway, client as Parameters<typeof addClient>[1]);
    const now = Math.floor(time.now / 1_000);
    const assertion = await assertionOf(signer, { client: id, audience: `${url}/auth/token`, now });
    const answer = await fetch(`${url}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: scopes,
        client_assertion_type: JWT_BEARER,
        client_assertion: assertion,
      }),
    });
    const body = (await answer.json()) as { access_token?: string };
    if (!body.access_token) throw new Error(`no token: ${JSON.stringify(body)}`);
    return body.access_token;
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function nextId(kind: string): () => string {
  let last = 0;
  return () => `${kind}-${++last}`;
}
