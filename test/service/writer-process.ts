import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Opening } from './writer.ts';

/** The service in a process of its own. */
export interface WriterProcess {
  /** Opens the store and listens, once study and maps are read. */
  open(told: Opening): Promise<string>;
  /** Resolves when it stopped dead where it was told to. */
  halted: Promise<void>;
  /** Everything it wrote to its log. */
  log(): string;
  /** Resolves with its exit code once it is gone. */
  ended: Promise<number | null>;
  /** kill -9, at once; resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it as an operator does; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface WriterOptions {
  /** Folder where Node keeps what it has compiled. */
  compileCache: string;
  research: boolean;
}

const started = new Set<ChildProcess>();

/** Begins a process; it opens no store yet. */
function startWriter({ compileCache, research }: WriterOptions): WriterProcess {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'writer.ts'),
      ...(research ? ['research'] : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'ipc'], env: { ...process.env, NODE_COMPILE_CACHE: compileCache } },
  );
  started.add(child);
  let log = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk) => {
      log += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  void ended.then(() => started.delete(child));
  const early = ended.then((code) => Promise.reject(new Error(`The process ended with ${code}: ${log}`)));
  early.catch(() => {});
  const next = () => Promise.race([new Promise<{ url?: string }>((resolve) => child.once('message', resolve)), early]);
  const ready = next();
  ready.catch(() => {});
  return {
    async open(told) {
      await ready;
      const answer = next();
      child.send(told);
      return (await answer).url!;
    },
    halted: new Promise((resolve) => (child.stdio[3] as Readable).once('data', () => resolve())),
    log: () => log,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Processes that read the study while another is under load. */
const AHEAD = 2;

/** Gives one process after another, as many as are said, some of them begun before they are asked for. */
export function writers(count: number, options: WriterOptions): () => Promise<WriterProcess> {
  const ahead: WriterProcess[] = [];
  let begun = 0;
  return async () => {
    while (begun < count && ahead.length <= AHEAD) {
      ahead.push(startWriter(options));
      begun++;
    }
    return ahead.shift()!;
  };
}

/** Ends what a failed test left. */
export function killAll(): void {
  for (const child of started) child.kill('SIGKILL');
}
