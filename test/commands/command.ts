import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../src/cli.ts';

/** What a command line did. */
export interface Done {
  code: number | null;
  stdout: string;
  stderr: string;
}

export const PROGRAM = fileURLToPath(new URL('../../bin/study-gateway.js', import.meta.url));
export const STUDY = fileURLToPath(new URL('../../studies/nct07265544', import.meta.url));
export const SITES_FOLDER = fileURLToPath(new URL('../../sites', import.meta.url));

/** The day for which the synthetic people are made. */
export const AS_OF = ['--as-of', '2025-06-01'];

/** Every file that `screen` leaves behind. */
export const FILES = [
  'quarantine.ndjson',
  'screening-log.csv',
  'subjects.ndjson',
  'summary.json',
  'unmapped-codes.csv',
  'worklist.ndjson',
];

/** A folder of its own for one test. */
export function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'command-'));
}

/** Runs a command line in this process, which is faster than starting one. */
export async function command(...args: string[]): Promise<Done> {
  const texts = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  const written = streams.map((name) => process[name].write);
  for (const name of streams) {
    process[name].write = ((text: string | Uint8Array) => {
      texts[name] += String(text);
      return true;
    }) as typeof process.stdout.write;
  }
  try {
    return { code: await run(args), ...texts };
  } finally {
    for (const [at, name] of streams.entries()) process[name].write = written[at]!;
  }
}

/** Runs the program as a script would: a process of its own, standard output no terminal. */
export function program(args: string[], options: SpawnSyncOptions = {}): Done {
  const done = spawnSync(process.execPath, [PROGRAM, ...args], { ...options, maxBuffer: 64 * 1024 * 1024 });
  return { code: done.status, stdout: String(done.stdout), stderr: String(done.stderr) };
}

/** The same, with standard input that is made chunk by chunk while the program reads it. */
export async function programReading(args: string[], input: Iterable<string | Uint8Array>): Promise<Done> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'pipe' });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      texts[name] += String(chunk);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  for (const chunk of input) {
    if (!child.stdin.write(chunk)) await new Promise((resolve) => child.stdin.once('drain', resolve));
  }
  child.stdin.end();
  return { code: await ended, ...texts };
}

/** The rows of an NDJSON file of a report. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look at rows as scripts of others do.
export async function rows(out: string, name: string): Promise<any[]> {
  const text = await readFile(join(out, name), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
export async function summaryOf(out: string): Promise<any> {
  return JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
}
