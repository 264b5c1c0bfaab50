import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Parts, serviceParts } from '../../src/commands/service-areas.ts';
import { readSettings } from '../../src/config.ts';
import { loadForms } from '../../src/forms/load.ts';
import { type Area, createApp } from '../../src/http/app.ts';
import type { Ahead } from '../../src/http/ehr/ahead/pool.ts';
import { createRateLimits } from '../../src/http/rate.ts';
import { listen } from '../../src/http/serve.ts';
import { createHealth } from '../../src/operations/health.ts';
import { createLog } from '../../src/operations/log.ts';
import { createMetrics, type Metrics } from '../../src/operations/metrics.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { folder, HOME, NOW, openTestGateway } from '../pipeline/gateway.ts';

/** The secret with which the server of `zn` signs its notifications. */
export const ZN_SECRET = 'a secret of zn and of nobody else';

/** The service with the very areas, jobs and listener of `npm start`, over a store in a file, with a clock that stands. */
export interface WholeService {
  url: string;
  /** Of the store, the keys and nothing else. */
  folder: string;
  /** File of the store. */
  file: string;
  gateway: Gateway;
  areas: readonly Area[];
  metrics: Metrics;
  screening: Parts['screening'];
  /** Milliseconds since 1970; the test moves it. */
  now: number;
  /** Lines of the log. */
  logged: string[];
  close(): Promise<void>;
}

export interface WholeOptions {
  /** Reads Bundles in a thread; without it none is. */
  ahead?: Ahead;
  /** Flags of the command line, by the names of the settings. */
  settings?: Readonly<Record<string, unknown>>;
}

export async function openWholeService(options: WholeOptions = {}): Promise<WholeService> {
  const at = await folder();
  const file = join(at, 'store.sqlite');
  const keys = join(at, 'keys');
  await mkdir(keys, { mode: 0o700 });
  await writeFile(join(keys, 'zn.hmac'), `${ZN_SECRET}\n`, { mode: 0o600 });
  const many = { ratePerClient: '10000000', ratePerAddress: '10000000' };
  const read = readSettings({ port: '0', store: file, keys, ...many, ...options.settings }, {});
  if (!read.ok) throw new Error(read.faults.join(' '));
  const settings = read.values;
  const time = { now: NOW };
  const opened = await openTestGateway(file);
  const forms = await loadForms(join(HOME, 'studies', 'nct07265544'), opened.loaded.study);
  if (!forms.ok) throw new Error(JSON.stringify(forms.faults));
  const gateway: Gateway = { ...opened, forms: forms.value, clock: () => time.now, actor: 'service' };
  const logged: string[] = [];
  const log = createLog('info', { write: (line: string) => void logged.push(line) }, gateway.clock);
  const metrics = createMetrics();
  const health = createHealth(5_000);
  const rates = createRateLimits(settings, randomBytes(32));
  const stop = new AbortController();
  const shared = { gateway, settings, log, metrics, health, rates, stopping: stop.signal, ahead: options.ahead };
  const parts = await serviceParts(shared, keys);
  let areas: Area[] = [];
  const listening = await listen(settings, {
    log,
    metrics,
    app(publicUrl) {
      areas = parts.areas(publicUrl);
      return createApp({ ...shared, clock: gateway.clock, newId: randomUUID, areas });
    },
    closers: [...parts.closers, () => gateway.store.close()],
  });
  return {
    url: listening.url,
    folder: at,
    file,
    gateway,
    areas,
    metrics,
    screening: parts.screening,
    logged,
    get now() {
      return time.now;
    },
    set now(to) {
      time.now = to;
    },
    async close() {
      stop.abort();
      await listening.close();
    },
  };
}
