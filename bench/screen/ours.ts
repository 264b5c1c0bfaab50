import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AS_OF, type BenchFeed, SITE } from './feed.ts';
import { type Run, run } from './run.ts';

/** What users start. */
const MAIN = join(import.meta.dirname, '..', '..', 'bin', 'study-gateway.js');
/** Something was set aside: done all the same. */
const SET_ASIDE = 1;

export const ONE_CORE = 'screen, one core';
export const TWO_WORKERS = 'screen, two workers';

/** Which options of today's `screen` the bench can ask for. */
export interface Offered {
  workers: boolean;
  full: boolean;
}

/** Reads them from `screen --help`. */
export function offered(): Offered {
  const help = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, 'screen', '--help']);
  const text = help.stdout.toString('utf8');
  return { workers: /^\s+--workers\b/m.test(text), full: /^\s+--full\b/m.test(text) };
}

/** A way to screen: on one core or not, with which options. */
export interface Way {
  name: string;
  pinned: boolean;
  options: string[];
}

/** The ways there are today; the first is the one core's. */
export function waysOf({ workers, full }: Offered): Way[] {
  const on = (count: number) => (workers ? ['--workers', String(count)] : []);
  return [
    { name: ONE_CORE, pinned: true, options: on(1) },
    ...(workers ? [{ name: TWO_WORKERS, pinned: false, options: on(2) }] : []),
    ...(full ? [{ name: 'screen --full, one core', pinned: true, options: [...on(1), '--full'] }] : []),
  ];
}

/** What a screening found. */
export interface Found {
  people: number;
  subjects: number;
  eligible: number;
  /** People of the demo generator who came out otherwise than their story says. */
  unexpected: string[];
  /** Hash of the worklist: the same for the same answers. */
  answers: string;
}

/** What it costs to begin, alone: the same program on a feed of one empty file. */
export async function startOnce(keys: string): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-screen-'));
  try {
    await writeFile(join(folder, 'empty.ndjson'), '');
    const args = ['screen', join(folder, 'empty.ndjson'), ...placesIn(folder, keys)];
    return await run({ program: MAIN, args, pinned: true });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Screens the feed once, into a new durable store, and looks at what it found. The keys are given, so that all ways give
 * the same pseudonyms.
 */
export async function screenOnce(
  feed: BenchFeed,
  way: Way,
  keys: string,
  profile?: string,
): Promise<Run & { found: Found }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-screen-'));
  try {
    const node = profile ? ['--cpu-prof', '--cpu-prof-dir', profile] : [];
    const args = ['screen', feed.folder, ...placesIn(folder, keys), ...way.options];
    const done = await run({ program: MAIN, args, pinned: way.pinned, node, fine: [SET_ASIDE] });
    const worklist = await readFile(join(folder, 'out', 'worklist.ndjson'), 'utf8');
    return { ...done, found: foundIn(feed, done.said as unknown as Summary, worklist) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function placesIn(folder: string, keys: string): string[] {
  const store = ['--store', join(folder, 'store.sqlite'), '--keys', keys];
  return ['--site', SITE, '--as-of', AS_OF, '--out', join(folder, 'out'), ...store, '--format', 'json'];
}

interface Summary {
  people: number;
  subjects: number;
  funnel: { bin: string; people: number }[];
}

function foundIn(feed: BenchFeed, summary: Summary, worklist: string): Found {
  const rows = worklist
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { patient: string; status: string });
  const statuses = new Map(rows.map(({ patient, status }) => [patient, status]));
  const wrong = feed.demo.filter(({ patient, status }) => (statuses.get(patient) ?? null) !== status);
  return {
    people: summary.people,
    subjects: summary.subjects,
    eligible: summary.funnel.find(({ bin }) => bin === 'eligible')?.people ?? 0,
    unexpected: wrong.map(({ patient, story }) => `${patient} ${story}`),
    answers: createHash('sha256').update(worklist).digest('hex').slice(0, 16),
  };
}
