import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from './rounds.ts';

/** Where the figures of the last runs are kept. */
export const RESULTS = join(import.meta.dirname, 'results.json');

/** What one bench saw, where and when. */
export interface Result {
  /** ISO instant, by the clock of the machine. */
  date: string;
  machine: { processor: string; cores: number; memoryGiB: number; system: string; load: number };
  /** Of node, of what it brings, and of the packages that were measured. */
  versions: Record<string, string>;
  parameters: Record<string, unknown>;
  seen: unknown;
}

/** By the name of the bench. */
export type Results = Record<string, Result>;

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Median, least and greatest, to four figures. */
export function spreadOf(values: readonly number[]): Spread {
  const short = (value: number) => Number(value.toPrecision(4));
  return { median: short(median(values)), min: short(Math.min(...values)), max: short(Math.max(...values)) };
}

/** What stands in the file; nothing when there is none. @throws SyntaxError when it is no JSON */
export function readResults(file: string = RESULTS): Results {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

/** Puts what a bench saw in the place of what it saw before; the others stay. Names in order, so that a difference is short. */
export function writeResult(name: string, result: Result, file: string = RESULTS): void {
  const all = { ...readResults(file), [name]: result };
  const ordered = Object.fromEntries(Object.entries(all).sort(([x], [y]) => (x < y ? -1 : 1)));
  writeFileSync(`${file}.new`, `${JSON.stringify(ordered, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** A result as of now on this machine, with the versions of these packages. */
export function resultOf(parameters: Record<string, unknown>, seen: unknown, packages: readonly string[] = []): Result {
  const version = (name: string) => {
    const about = join(import.meta.dirname, '..', 'node_modules', name, 'package.json');
    return (JSON.parse(readFileSync(about, 'utf8')) as { version: string }).version;
  };
  const { node, v8, sqlite } = process.versions;
  return {
    date: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 1024 ** 3),
      system: `${process.platform} ${process.arch}`,
      load: Number(loadavg()[0]!.toFixed(1)),
    },
    versions: {
      ...{ node: node!, v8: v8!, sqlite: sqlite ?? 'unknown' },
      ...Object.fromEntries(packages.map((name) => [name, version(name)])),
    },
    parameters,
    seen,
  };
}
