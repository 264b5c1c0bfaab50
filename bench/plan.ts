import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { resultOf, writeResult } from './results.ts';

/** A bench to be run: `<name>.ts` with its arguments. */
export interface Planned {
  name: string;
  args: readonly string[];
  /** It has failed when it has not ended by then. */
  seconds: number;
  /** It writes its figures itself; of the others the printed lines are kept. */
  writes?: true;
}

/**
 * Runs the benches of a folder, one after another, and shows what they print. Those that fail or do not end in time are
 * told, and leave the results as they were.
 * @param tell gets each line
 * @returns the names of those that failed
 */
export async function inOrder(
  plan: readonly Planned[],
  folder: string,
  results: string,
  tell: (line: string) => void = console.log,
): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, args, seconds, writes } of plan) {
    tell(`\n### ${name} ${args.join(' ')}`.trimEnd());
    const begun = performance.now();
    const { lines, fault } = await runBench(join(folder, `${name}.ts`), args, seconds, tell);
    const took = Number(((performance.now() - begun) / 1_000).toFixed(1));
    if (fault !== null) {
      failed.push(name);
      tell(`### ${name} failed: ${fault}`);
    } else if (!writes) writeResult(name, resultOf({ args, seconds: took }, { lines }), results);
    tell(`### ${name}: ${took} s`);
  }
  return failed;
}

/** In a group of processes of its own, so that what it started ends with it. */
async function runBench(program: string, args: readonly string[], seconds: number, tell: (line: string) => void) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    process.kill(-child.pid!, 'SIGKILL');
  }, seconds * 1_000);
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : `it ended with ${code ?? signal}`));
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    tell(line);
  }
  const fault = await ended;
  clearTimeout(limit);
  return { lines, fault: late ? `it did not end in ${seconds} s` : fault };
}
