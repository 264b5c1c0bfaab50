import { connect } from 'node:net';
import { Router } from 'express';
import { type Area, createApp } from '../../src/http/app.ts';
import { readJson } from '../../src/http/limits.ts';
import { localsOf } from '../../src/http/locals.ts';
import { createRateLimits, type RateLimits } from '../../src/http/rate.ts';
import { refuse, sendFhir } from '../../src/http/respond.ts';
import { listen, type ServeSettings, type Service } from '../../src/http/serve.ts';
import { createHealth, type Health } from '../../src/operations/health.ts';
import { createLog, type LogLevel } from '../../src/operations/log.ts';
import { createMetrics, type Metrics } from '../../src/operations/metrics.ts';

export const LIMITS = { maxBodyBytes: 2_000, maxEntries: 3, maxDepth: 8 };
export const NOON = Date.parse('2025-06-01T12:00:00Z');

interface TestSettings extends ServeSettings {
  uploadSeconds: number;
  trustProxy: readonly string[];
  ratePerClient: number;
  ratePerAddress: number;
}

const SETTINGS: TestSettings = {
  host: '127.0.0.1',
  port: 0,
  publicUrl: null,
  headersSeconds: 10,
  uploadSeconds: 10,
  streamSeconds: 10,
  shutdownSeconds: 10,
  trustProxy: [],
  ratePerClient: 1_000,
  ratePerAddress: 1_000,
};

export interface TestService extends Service {
  /** Lines of the log so far. */
  lines: string[];
  metrics: Metrics;
  health: Health;
}

/** What a test may set: settings, areas, what is closed at the end. */
export interface TestParts {
  settings?: Partial<TestSettings>;
  areas?: (rates: RateLimits) => Area[];
  level?: LogLevel;
  closers?: (() => Promise<void>)[];
}

const running: TestService[] = [];

/** The real service on a free port: the clock stands at noon, ids count from 1. */
export async function startService({ settings, areas, level, closers }: TestParts = {}): Promise<TestService> {
  const all = { ...SETTINGS, ...settings };
  const lines: string[] = [];
  const log = createLog(level ?? 'info', { write: (line: string) => void lines.push(line) }, () => NOON);
  const metrics = createMetrics();
  const health = createHealth(100);
  const rates = createRateLimits(all, Buffer.alloc(32, 7));
  let last = 0;
  const newId = () => `id-${++last}`;
  const observer = { log, metrics, clock: () => NOON, newId };
  const mounted = areas?.(rates) ?? [ehr];
  const app = () => createApp({ ...observer, settings: all, health, rates, areas: mounted });
  const service = await listen(all, { log, metrics, app, closers: closers ?? [] });
  const started = { ...service, lines, metrics, health };
  running.push(started);
  return started;
}

/** Closes what a test has started. */
export async function stopServices(): Promise<void> {
  await Promise.all(running.splice(0).map((service) => service.close()));
}

const router = Router({ mergeParams: true });
router.post('/', async (req, res) => {
  const body = await readJson(req, LIMITS);
  if (body.ok) sendFhir(res, 200, { body: body.value });
  else refuse(res, body.refusal);
});
router.put('/:type/:id', async (req, res) => {
  localsOf(res).client = { id: 'his-1', site: String((req.params as Record<string, unknown>).site) };
  const body = await readJson(req, LIMITS);
  if (body.ok) sendFhir(res, 200, { id: req.params.id });
  else refuse(res, body.refusal);
});
router.get('/:type/:id', (req) => {
  throw new RangeError(`nothing is known of ${req.params.id}`);
});
const deeper = Router();
deeper.get('/last', (_req, res) => sendFhir(res, 200, {}));
router.use('/of/:id', deeper);

/** An area as one of a hospital would be: reads bodies, fails with what came in the path. */
export const ehr: Area = { mount: '/ehr/:site/fhir', router };

/**
 * Sends bytes as they are and gives back all that comes until the other side closes.
 * @param parts a function is asked for its bytes once something has come back
 */
export function raw(url: string, ...parts: (string | (() => string))[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    for (const part of parts) {
      if (typeof part === 'string') socket.write(part);
      else socket.once('data', () => socket.write(part()));
    }
  });
}

/** Status and code of an answer that is an OperationOutcome, and its text. */
export async function outcome(answer: Response): Promise<{ status: number; code: string; text: string }> {
  expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
  // biome-ignore lint/suspicious/noExplicitAny: an OperationOutcome as a client sees it.
  const { resourceType, issue } = (await answer.json()) as any;
  expect(resourceType).toBe('OperationOutcome');
  return { status: answer.status, code: issue[0].details.coding[0].code, text: issue[0].details.text };
}
