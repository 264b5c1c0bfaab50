import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** By how much of itself the old generation grows, in percent, before it is collected. */
const GROWTH = 50;

/**
 * Lets this process give back what it no longer needs, where V8 would grow with the memory of the machine: a feed of any
 * size is read in the same memory. The young generation stays as it begins (2 MiB). On one core nothing is compiled
 * beside the program: it would take as long, and each thread keeps memory of its own. Costs a few percent of processor;
 * the service does without. The flags are read by V8 whenever they matter, so they may change while it runs. Whoever sets
 * a semi-space for Node has it so.
 * @param options of Node, as they were given
 */
export function keepHeapSmall(options: string): void {
  if (/--(min|max)[-_]semi[-_]space[-_]size/.test(options)) return;
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
  setFlagsFromString('--semi-space-growth-factor=1');
  if (availableParallelism() === 1) setFlagsFromString('--no-concurrent-recompilation');
}
