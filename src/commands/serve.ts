import { randomBytes, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { pino } from 'pino';
import type { Settings } from '../config.ts';
import { createApp } from '../http/app.ts';
import type { Ahead } from '../http/ehr/ahead/pool.ts';
import { createRateLimits } from '../http/rate.ts';
import { listen, type Service } from '../http/serve.ts';
import { createHealth } from '../operations/health.ts';
import { createLog, type Log } from '../operations/log.ts';
import { createMetrics } from '../operations/metrics.ts';
import { watchProcess } from '../operations/process.ts';
import type { Gateway } from '../pipeline/gateway.ts';
import { CannotStart, EXIT } from './exit.ts';
import { openDefinitions, openGateway } from './open.ts';
import { readerFor } from './reader.ts';
import { registerParts } from './readiness.ts';
import { serviceParts } from './service-areas.ts';
import { settingsOrEnd } from './settings.ts';
import { watchedStore } from './store-trouble.ts';

const CHECK_MILLISECONDS = 5_000;

/** Runs the service until it is told to stop (SIGTERM, SIGINT), and then until what was begun is finished. */
export async function serveCommand(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const settings = settingsOrEnd(flags);
  const definitions = await openDefinitions(settings);
  const gateway = {
    ...(await openGateway(definitions, { store: settings.store, keys: settings.keys ?? undefined, remember: true })),
    actor: 'service',
  };
  const stop = new AbortController();
  const log = createLog(settings.logLevel, pino.destination({ fd: 1, sync: true }), gateway.clock);
  const ahead = await readerFor(settings, definitions, log);
  const service = await startService(settings, gateway, log, stop.signal, ahead);
  tell(service);
  await told();
  stop.abort();
  await service.close();
  return EXIT.done;
}

/** Puts the service together over an opened gateway and listens. When it cannot, the store is closed. */
export async function startService(
  settings: Settings,
  opened: Gateway,
  log: Log,
  stopping: AbortSignal,
  ahead?: Ahead | undefined,
): Promise<Service> {
  const metrics = createMetrics();
  const health = createHealth(CHECK_MILLISECONDS);
  const { store, trouble } = watchedStore(opened.store);
  const gateway = { ...opened, store };
  registerParts(health, gateway, stopping, trouble);
  const rates = createRateLimits(settings, randomBytes(32));
  if (ahead) health.register('reading', async () => ahead.fault());
  const shared = { gateway, settings, log, metrics, health, rates, stopping, ahead };
  const parts = await serviceParts(shared, resolve(settings.keys ?? `${settings.store}.keys`)).catch(
    async (error: unknown) => {
      await gateway.store.close();
      throw error;
    },
  );
  const app = (publicUrl: string) =>
    createApp({
      ...shared,
      clock: gateway.clock,
      newId: randomUUID,
      areas: parts.areas(publicUrl),
    });
  const unwatch = watchProcess(metrics);
  // In this order: what works on the store stops before the store does.
  const closers = [async () => ahead?.close(), ...parts.closers, () => gateway.store.close(), async () => unwatch()];
  return listen(settings, { log, metrics, app, closers }).catch(async (error: unknown) => {
    for (const closer of closers) await closer();
    throw cannotListen(settings, error);
  });
}

function tell({ url, publicUrl }: Service): void {
  const under = publicUrl === url ? '' : `, for clients ${publicUrl}`;
  process.stderr.write(
    [
      `Study Gateway listens at ${url}${under}.`,
      'Nobody gets in before a client is known: npx study-gateway client add --help says how to add the first one.',
      'Ready? GET /readyz. Stop: Ctrl-C or SIGTERM.',
      '',
    ].join('\n'),
  );
}

/** Resolves when the process is told to stop. Told again, it goes on finishing: npm passes on what the terminal sent already. */
function told(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => resolve());
  });
}

/** Errors of the system about the address; anything else stays as it is. */
function cannotListen({ host, port }: Settings, error: unknown): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const why = {
    EADDRINUSE: 'the port is taken; stop what listens there, or give --port',
    EACCES: 'this user may not take that port; give a --port above 1023',
    EADDRNOTAVAIL: 'this machine has no such address; give --host',
    ENOTFOUND: 'no such host is known; give --host',
  }[code];
  return why ? new CannotStart(`Cannot listen at ${host}, port ${port}: ${why}.`) : error;
}
