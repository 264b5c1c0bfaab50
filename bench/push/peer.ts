import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { cpuOf } from './machine.ts';

/** Another server that gets the same, in a process of its own. */
export interface Peer {
  url: string;
  child: ChildProcess;
  /** Milliseconds of processor that its process has used so far. */
  cpu(): number;
}

/** @param program a file beside this one that listens and prints its port */
export async function startPeer(program: string, ...args: string[]): Promise<Peer> {
  const all = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, program), ...args];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (said) => resolve(String(said).trim()));
    child.once('exit', (code) => reject(new Error(`${program} did not begin: ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}`, child, cpu: () => cpuOf(child.pid!) };
}
