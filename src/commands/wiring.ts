import type { Settings } from '../config.ts';
import type { Ahead } from '../http/ehr/ahead/pool.ts';
import type { RateLimits } from '../http/rate.ts';
import type { Health } from '../operations/health.ts';
import type { Log } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Gateway } from '../pipeline/gateway.ts';

/** What areas may be made of. */
export interface Wiring {
  gateway: Gateway;
  settings: Settings;
  /** URL under which clients reach the service, without a closing slash. */
  publicUrl: string;
  log: Log;
  metrics: Metrics;
  health: Health;
  rates: RateLimits;
  /** Reads large Bundles; without it they are read as all others. */
  ahead?: Ahead | undefined;
  /** Aborted when the service is told to stop: answers without an end (event streams) end then. */
  stopping: AbortSignal;
}
