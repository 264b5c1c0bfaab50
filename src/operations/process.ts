import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

const NANOSECONDS = 1e9;

/**
 * Metrics of the process: memory, and how late the event loop is (the worst since somebody last looked).
 * @returns ends the watch
 */
export function watchProcess(metrics: Metrics): () => void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  metrics.asked('resident_memory_bytes', 'Resident memory of the process.', () => process.memoryUsage.rss());
  metrics.asked('event_loop_delay_seconds', 'Longest delay of the event loop since the last look.', () => {
    const worst = delay.max / NANOSECONDS;
    delay.reset();
    return worst;
  });
  return () => {
    delay.disable();
  };
}
