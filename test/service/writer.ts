// The service in a process of its own that a test kills: put together by the program's own code, with a clock that
// stands. The study – with the argument `research` maps and profiles, too – is read before it is told to open the store,
// so that a restart costs little.

import { writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { openDefinitions, openGateway } from '../../src/commands/open.ts';
import { startService } from '../../src/commands/serve.ts';
import { readSettings } from '../../src/config.ts';
import { createLog } from '../../src/operations/log.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { overlaid } from '../../src/pipeline/overlay.ts';
import type { HospitalTables, Store } from '../../src/store/store.ts';

/** Where the process can be stopped dead: in the middle of a transaction, at its end, and right after its commit. */
export type Point =
  | 'push-writing'
  | 'push-written'
  | 'push-committed'
  | 'screening-writing'
  | 'screening-written'
  | 'screening-committed';

/** What it is told once: open the store and listen. */
export interface Opening {
  store: string;
  keys: string;
  publicUrl: string;
  /** Milliseconds since 1970, for good. */
  now: number;
  /** Stops dead when it comes to this point the so-manieth time, and says so on file descriptor 3. */
  halt: { point: Point; times: number } | null;
}

const study = { study: 'nct07265544', sites: join(import.meta.dirname, '..', '..', 'sites') };
const definitions = await openDefinitions(study);
const research = process.argv.includes('research') ? await desk() : null;
flushCompileCache();

process.on('disconnect', () => process.exit());
process.once('message', (told: Opening) => void open(told));
process.send!({ ready: true });

/** Maps and profiles, which an opened gateway reads. */
async function desk(): Promise<NonNullable<Gateway['research']>> {
  const spare = await mkdtemp(join(tmpdir(), 'spare-'));
  const { research, store } = await openGateway(definitions, { store: join(spare, 'store.sqlite') });
  await research!();
  await store.close();
  await rm(spare, { recursive: true });
  return research!;
}

async function open({ store, keys, publicUrl, now, halt }: Opening): Promise<void> {
  const read = readSettings({
    store,
    keys,
    publicUrl,
    port: '0',
    ratePerClient: '10000000',
    ratePerAddress: '10000000',
  });
  if (!read.ok) throw new Error(read.faults.join(' '));
  const settings = read.values;
  const clock = () => now;
  const { research: _, ...opened } = await openGateway(definitions, { store, keys });
  let left = halt?.times ?? 0;
  const watched = watch(opened.store, (point) => {
    if (point !== halt?.point || --left > 0) return;
    writeSync(3, '!');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
  const gateway = { ...opened, ...(research ? { research } : {}), store: watched, clock, actor: 'service' };
  const log = createLog('info', pino.destination({ fd: 1, sync: true }), clock);
  const stop = new AbortController();
  const service = await startService(settings, gateway, log, stop.signal);
  process.once('SIGTERM', () => {
    stop.abort();
    void service.close().then(() => process.disconnect());
  });
  process.send!({ url: service.url });
}

/** The store, telling where a transaction that pushes or screens is. */
function watch(store: Store, at: (point: Point) => void): Store {
  return {
    ...store,
    async withTransaction(work) {
      let kind: 'push' | 'screening' | null = null;
      const seen = (found: 'push' | 'screening') => {
        kind = found;
        at(`${found}-writing`);
      };
      const result = await store.withTransaction(async (tx) => {
        const hospital: Partial<HospitalTables> = {
          async markPending(...given) {
            await tx.hospital.markPending(...given);
            seen('push');
          },
          async clearPending(...given) {
            await tx.hospital.clearPending(...given);
            seen('screening');
          },
        };
        const done = await work(overlaid(tx, 'hospital', hospital));
        if (kind) at(`${kind}-written`);
        return done;
      });
      if (kind) at(`${kind as 'push' | 'screening'}-committed`);
      return result;
    },
  };
}
