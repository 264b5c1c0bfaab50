import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAuth } from '../../src/auth/service.ts';
import { createApp } from '../../src/http/app.ts';
import { tokenArea } from '../../src/http/auth/area.ts';
import { fhirArea } from '../../src/http/fhir/area.ts';
import { createRateLimits } from '../../src/http/rate.ts';
import { type Exports, startExports } from '../../src/jobs/exports.ts';
import { createHealth } from '../../src/operations/health.ts';
import { createLog } from '../../src/operations/log.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { addClient, clientDesk } from '../../src/pipeline/clients.ts';
import type { LensDesk } from '../../src/pipeline/lens-desk.ts';
import type { RegistryDesk } from '../../src/registry/desk.ts';
import { createExportDesk } from '../../src/registry/export/desk.ts';
import type { Lens } from '../../src/release/lens.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { assertionOf, newSigner, type Signer } from '../auth/signer.ts';
import { ALL_TYPES, type PlainLens, plainLens } from './lens.ts';
import { ownId, type Person, recordOf } from './people.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const START = Date.parse('2025-06-02T00:00:00.000Z');
const SITES = ['nf', 'ya', 'bf', 'zn', 'gz'];

export interface Asked {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into.
  body: any;
}

export interface AskOptions {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Of the client's token; all by default. */
  scopes?: string;
  registry?: string;
  token?: string | null;
}

/** The research API over real HTTP, before a store with a clock that ticks a millisecond a look. */
export interface TestApi {
  url: string;
  base: string;
  store: Store;
  desk: RegistryDesk;
  lens: PlainLens;
  /** Agreements in force, by registry. */
  lenses: Map<string, Lens>;
  logged: string[];
  exports: Exports;
  /** Faults that exports told of. */
  faults: unknown[];
  /** How exports ended. */
  ended: string[];
  clock: () => number;
  /** Moves the clock on. */
  wait(milliseconds: number): void;
  ask(path: string, options?: AskOptions): Promise<Asked>;
  token(options?: Pick<AskOptions, 'scopes' | 'registry'>): Promise<string>;
  /** The registry's id of something of a person. */
  id(type: string, name: string): string;
  /** Makes the ids of people known to the lens, as a lens over the store would know them. */
  learn(people: readonly Person[]): void;
  close(): Promise<void>;
}

export interface TestApiOptions {
  /** File of the store; in memory without one. */
  file?: string;
  /** Folder of exports; one that is never made without. */
  folder?: string;
  /** Rows of one file of an export. */
  fileRows?: number;
  /** Rows after which a thread makes an export. */
  threadRows?: number;
  /** Lenses of agreements; plain ones without it. */
  lensDesk?: (store: Store, clock: () => number) => LensDesk;
  /** The lens of an earlier service over the same store. */
  lens?: PlainLens;
  /** Keys of clients by their id, where a store has them already. */
  signers?: Map<string, Signer>;
  /** Milliseconds since 1970. */
  now?: number;
}

/** Lenses to which no purpose matters: at any time the same. */
function plainLenses(lenses: ReadonlyMap<string, Lens>): LensDesk {
  const lensFor = (registry: string) => lenses.get(registry) ?? null;
  return {
    refresh: async () => {},
    lensFor,
    async lensAt(registry) {
      const lens = lensFor(registry);
      return lens && { lens, regranted: [], lost: [] };
    },
  };
}

/** Milliseconds for which exports are kept. */
export const KEEP = 3_600_000;

export async function openTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const { file = ':memory:', folder = '/nowhere', signers = new Map<string, Signer>() } = options;
  let now = options.now ?? START;
  const clock = () => ++now;
  const store = await openSqliteStore(file);
  const lens = options.lens ?? plainLens('Liver registry', ALL_TYPES);
  const lenses = new Map<string, Lens>([[lens.registry, lens]]);
  const logged: string[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = `${url}/fhir`;
  const study = {
    id: 'nct07265544',
    title: 'A study',
    arms: ['Normal', 'FattyLiver', 'Fibrosis', 'HBV'],
    timezone: 'Asia/Shanghai',
  };
  const desk: RegistryDesk = { store, clock, study, sites: SITES, base };
  const lensDesk = options.lensDesk?.(store, clock) ?? plainLenses(lenses);
  const { lensFor, refresh } = lensDesk;
  const faults: unknown[] = [];
  const ended: string[] = [];
  const exports = startExports({
    ...{ ...lensDesk, desk, folder, keep: KEEP, failed: (error) => void faults.push(error) },
    ended: (_row, code) => void ended.push(code),
    ...(options.fileRows ? { fileRows: options.fileRows } : {}),
    ...(options.threadRows === undefined ? {} : { threadRows: options.threadRows }),
  });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const nextId = (kind: string, last = 0) => {
    let count = last;
    return () => `${kind}-${++count}`;
  };
  const auth = createAuth({
    settings: { baseUrl: url, jwksHosts: [], loopbackHttp: true, tokenSeconds: 300 },
    clients: clientDesk(store, clock),
    signingKey: privateKey,
    clock,
    newId: nextId('token'),
  });
  const rates = createRateLimits({ ratePerClient: 10_000_000, ratePerAddress: 10_000_000 }, randomBytes(32));
  const log = createLog('info', { write: (line: string) => void logged.push(line) }, clock);
  const app = createApp({
    log,
    metrics: createMetrics(),
    clock,
    newId: nextId('request'),
    settings: { uploadSeconds: 60, trustProxy: [] },
    health: createHealth(5_000),
    rates,
    areas: [
      tokenArea(auth),
      fhirArea({
        auth,
        rates,
        desk,
        lensFor,
        refresh,
        exports: createExportDesk({
          ...lensDesk,
          desk,
          folder,
          newId: randomUUID,
          wake: exports.wake,
          cancel: exports.cancel,
        }),
        limits: { maxBodyBytes: 1024 * 1024, maxEntries: 5_000, maxDepth: 64 },
        since: new Date(START).toISOString(),
      }),
    ],
  });
  server.on('request', app);
  const tokens = new Map<string, Promise<string>>();
  const api: TestApi = {
    ...{ url, base, store, desk, lens, lenses, logged, clock, exports, faults, ended },
    wait: (milliseconds) => {
      now += milliseconds;
    },
    token({ scopes = 'system/*.rs', registry = lens.registry } = {}) {
      const key = `${registry} ${scopes}`;
      const known = tokens.get(key) ?? newToken(registry, scopes);
      tokens.set(key, known);
      return known;
    },
    async ask(path, { method = 'GET', body, headers = {}, scopes, registry, token } = {}) {
      const bearer =
        token === undefined
          ? await api.token({ ...(scopes ? { scopes } : {}), ...(registry ? { registry } : {}) })
          : token;
      const answer = await fetch(path.startsWith('http') ? path : `${base}${path}`, {
        method,
        headers: {
          accept: 'application/fhir+json',
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
          ...headers,
        },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
    },
    id: (type, name) => lens.registryId(type, ownId(name)),
    learn(people) {
      for (const resource of people.flatMap(recordOf)) lens.learn(resource.resourceType, resource.id!);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await exports.stop();
      await store.close();
    },
  };
  return api;

  async function newToken(registry: string, scopes: string): Promise<string> {
    const id = `client-${tokens.size}`;
    const signer = signers.get(id) ?? (await newSigner('ES384', 'k1'));
    signers.set(id, signer);
    const keys = { jwks: { keys: [signer.jwk] } };
    const client = { id, name: 'A registry', kind: 'registry' as const, site: null, registry, scopes, keys };
    await addClient({ store, clock, actor: 'test' }, client as Parameters<typeof addClient>[1]);
    const assertion = await assertionOf(signer, {
      client: id,
      audience: `${url}/auth/token`,
      now: Math.floor(now / 1_000),
    });
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

/** Stable code of the first issue of an OperationOutcome. */
export const codeOf = (body: { issue?: { details?: { coding: { code: string }[] } }[] }): string | undefined =>
  body?.issue?.[0]?.details?.coding[0]?.code;
