import { availableParallelism } from 'node:os';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** By how much of itself the old generation grows, in percent, before it is collected. */
const GROWTH = 50;
/**
 * Bytes of the young generation: half of them costs a tenth of processor, twice of them ten megabytes. Where there are
 * more cores, threads collect it together, which costs more each time.
 */
const YOUNG = { oneCore: 8 * 1024 * 1024, more: 16 * 1024 * 1024 };
/** Objects made at most, so that it grows to that; a fifth of them is enough. */
const MOST_MADE = 5_000;

/**
 * Lets this process give back what it no longer needs, where V8 would grow with the memory of the machine: a feed of any
 * size is read in the same memory. On one core nothing is compiled beside the program: it would take as long, and each
 * thread keeps memory of its own. The service does without. The flags are read by V8 whenever they matter, so they may
 * change while it runs. Whoever sets a semi-space for Node has it so.
 * @param options of Node, as they were given
 */
export function keepHeapSmall(options: string): void {
  if (/--(min|max)[-_]semi[-_]space[-_]size/.test(options)) return;
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
  const oneCore = availableParallelism() === 1;
  growYoung(oneCore ? YOUNG.oneCore : YOUNG.more);
  setFlagsFromString('--semi-space-growth-factor=1');
  if (oneCore) setFlagsFromString('--no-concurrent-recompilation');
}

/** V8 lets it grow when much survives, two times at once where nobody looks; so it is made to grow here, and then no more. */
function growYoung(bytes: number): void {
  const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? bytes;
  const held: number[][] = [];
  while (size() < bytes && held.length < MOST_MADE) held.push(new Array(1000).fill(0));
}
