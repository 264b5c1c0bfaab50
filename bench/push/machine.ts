import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** Milliseconds of processor that all threads of a process have used (Linux, /proc/<pid>/task/<tid>/schedstat). */
export function cpuOf(pid: number): number {
  const task = `/proc/${pid}/task`;
  const used = readdirSync(task).map((thread) => usedBy(`${task}/${thread}/schedstat`));
  return used.reduce((sum, one) => sum + one, 0) / 1e6;
}

/** How busy the machine is: cores, and the mean number of processes that ran or waited to in the last minute. */
export function machine(): string {
  return `${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}`;
}

/** Nothing for a thread that has ended meanwhile. */
function usedBy(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}
