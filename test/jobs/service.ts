import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Refused } from '../../src/fhir/refusal.ts';
import { notifyRouter } from '../../src/http/notify/router.ts';
import { createPullRunner, type PullEvent } from '../../src/jobs/pull.ts';
import type { Runner } from '../../src/jobs/runner-loop.ts';
import { arriveInto } from '../../src/pipeline/arrive.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { takeNotified } from '../../src/pipeline/notified.ts';
import { clientForSite } from '../../src/pull/for-site.ts';
import type { WorkRow } from '../../src/store/work-rows.ts';
import type { SiteConnection } from '../../src/study/connection.ts';
import type { Site } from '../../src/study/site.ts';
import { openTestGateway } from '../pipeline/gateway.ts';

export const START = Date.parse('2025-06-02T00:00:00Z');
export const SECRET = 'a secret of the hospital';

export interface Options {
  /** Of the site ya; null for a site that is not asked. */
  connection: Partial<SiteConnection> | null;
  /** The server of ya signs. */
  signs?: boolean;
  /** Store; in memory when it is not given. */
  file?: string;
}

/** What stands in front in these tests: the header says whose client it is. */
function authenticated(req: Request, res: Response, next: NextFunction): void {
  const site = req.get('x-test-client');
  if (site) res.locals.client = { site };
  next();
}

/** The part of the service that is notified and reads again, over real HTTP, with a clock that stands still. */
export async function openService({ connection, signs = false, file }: Options) {
  const gateway: Gateway = await openTestGateway(file);
  const usual = { types: ['Patient', 'Condition'], requestsPerSecond: 1000, pageSize: 2, timeoutMilliseconds: 2000 };
  const rest = { maxAnswerBytes: 1_000_000, smart: null, signatureHeader: null, base: 'http://127.0.0.1:1/fhir' };
  const site: Site = {
    ...gateway.sites.get('ya')!,
    connection: connection && { ...usual, ...rest, ...connection },
  };
  gateway.sites = new Map([...gateway.sites, ['ya', site]]);
  const time = { now: START };
  const clock = () => time.now;
  const quarantine: Refused[] = [];
  const events: PullEvent[] = [];
  const arrive = arriveInto(gateway, (refused) => quarantine.push(refused));
  const machine = {
    fetch: (url: string, init: RequestInit) => fetch(url, init),
    clock,
    sleep: async () => {},
    randomId: () => 'id',
  };
  const runner: Runner = createPullRunner({
    store: gateway.store,
    sites: new Map(
      site.connection ? [['ya', { site, client: clientForSite(site.connection, { clientKey: null }, machine) }]] : [],
    ),
    arrive: (...given) => service.arrive(...given),
    clock,
    random: () => 0.5,
    told: (event) => events.push(event),
  });

  let woken = 0;
  const app = express();
  app.use(authenticated);
  app.use(
    notifyRouter({
      sites: gateway.sites,
      secretsOf: (id) => (signs && id === 'ya' ? [Buffer.from(SECRET)] : []),
      notified: (at, notification, signed) =>
        takeNotified(at, notification, { store: gateway.store, arrive, signed, at: time.now }),
      wake: () => void woken++,
      maxBytes: 10_000,
      maxDepth: 64,
    }),
  );
  app.use((_error: unknown, _req: Request, res: Response, _next: NextFunction) => void res.status(500).end());
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const service = {
    gateway,
    site,
    time,
    runner,
    events,
    quarantine,
    arrive,
    woken: () => woken,
    /** Delivers to the endpoint of ya as its client; signed when a secret is agreed, unless headers say otherwise. */
    async deliver(body: object | string | null, given: Delivery = {}) {
      const text = typeof body === 'string' ? body : body === null ? '' : JSON.stringify(body);
      const signature = createHmac('sha256', SECRET).update(text).digest('hex');
      const { path = '', method = 'POST', site: to = 'ya' } = given;
      const headers = {
        'content-type': 'application/fhir+json',
        ...(signs ? { 'x-signature': signature } : {}),
        'x-test-client': 'ya',
        ...given.headers,
      };
      const kept = Object.entries(headers).filter((each): each is [string, string] => each[1] !== null);
      const init = { method, headers: Object.fromEntries(kept), ...(text === '' ? {} : { body: text }) };
      const response = await fetch(`${base}/ehr/${to}/notify${path}`, init);
      const answer = await response.text();
      const issue = answer ? JSON.parse(answer).issue[0] : null;
      return { status: response.status, code: issue?.details.coding[0].code ?? null, issue, headers: response.headers };
    },
    record: (type: string, id: string) =>
      gateway.store.withTransaction((tx) => tx.hospital.record({ site: 'ya', type, id })),
    work: (state: WorkRow['state']) => gateway.store.withTransaction((tx) => tx.hospital.workIn(state)),
    targets: async (state: WorkRow['state']) => (await service.work(state)).map(({ target }) => target),
    subscriptions: () => gateway.store.withTransaction((tx) => tx.hospital.subscriptions()),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await gateway.store.close();
    },
  };
  return service;
}

export interface Delivery {
  method?: string;
  path?: string;
  site?: string;
  /** Null leaves one out. */
  headers?: Record<string, string | null>;
}

export type Service = Awaited<ReturnType<typeof openService>>;
