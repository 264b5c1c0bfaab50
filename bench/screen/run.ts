import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What one process used from its start to its end. */
export interface Run {
  /** Milliseconds by the clock, and of processor on all threads. */
  wall: number;
  cpu: number;
  /** MiB resident at most. */
  rss: number;
  /** What it printed: one JSON value. */
  said: Record<string, unknown>;
}

export interface Start {
  program: string;
  args: readonly string[];
  /** All its threads on the first core only, where `taskset` is there. */
  pinned: boolean;
  node?: readonly string[];
  /** Exit codes besides 0 with which it has done its work. */
  fine?: readonly number[];
}

const USAGE = join(import.meta.dirname, 'usage.js');

/** Whether a process can be held on one core here. */
export const canPin = spawnSync('taskset', ['--version']).status === 0;

/** Runs a program in a process of its own, to its end. @throws when it ends in any other way than well */
export async function run({ program, args, pinned, node = [], fine = [] }: Start): Promise<Run> {
  const own = ['--disable-warning=ExperimentalWarning', ...node, '--import', USAGE, program, ...args];
  const [command, all] =
    pinned && canPin ? ['taskset', ['-c', '0', process.execPath, ...own]] : [process.execPath, own];
  const begun = performance.now();
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const [out, err, used] = [1, 2, 3].map((at) => {
    const text = { all: '' };
    child.stdio[at]!.on('data', (chunk: Buffer) => {
      text.all += chunk.toString('utf8');
    });
    return text;
  });
  // Its end by the clock is its exit; what it said may arrive a moment later.
  const ended = new Promise<number>((resolve) => child.once('exit', () => resolve(performance.now())));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 && !fine.includes(code ?? -1)) {
    throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${err!.all.slice(-2_000)}`);
  }
  const wall = (await ended) - begun;
  return { wall, ...(JSON.parse(used!.all) as { cpu: number; rss: number }), said: JSON.parse(out!.all) };
}
