import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Bytes of the young generation from which on it grows no more: told of it late, it has become twice to four times as large. */
const YOUNG = 2 * 1024 * 1024;
/** By how much of itself the old generation grows, in percent, before it is collected. */
const GROWTH = 50;

/**
 * Lets this process give back what it no longer needs, where V8 would grow with the memory of the machine: a feed of any
 * size is read in the same memory. Costs a few percent of processor; the service does without. Both flags are read by
 * V8 whenever it works out a new limit, so they may change while it runs. Whoever sets a semi-space for Node has it so.
 * @param options of Node, as they were given
 */
export function keepHeapSmall(options: string): void {
  if (/--(min|max)[-_]semi[-_]space[-_]size/.test(options)) return;
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    if (!young || young.space_size < YOUNG) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}
