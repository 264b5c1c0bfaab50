import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AS_OF, type BenchFeed, SITE } from './feed.ts';
import { type Run, run } from './run.ts';
import { FIRST } from './studies.ts';

/** What users start. */
const MAIN = join(import.meta.dirname, '..', '..', 'bin', 'study-gateway.js');
/** Something was set aside: done all the same. */
const SET_ASIDE = 1;

export const ONE_CORE = 'screen, one core';
export const TWO_WORKERS = 'screen, two workers';
export const TEN = 'screen, ten studies, one core';

/** Which options of today's `screen` the bench can ask for. */
export interface Offered {
  workers: boolean;
  full: boolean;
  /** Several studies at once. */
  studies: boolean;
}

/** Reads them from `screen --help`. */
export function offered(): Offered {
  const help = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, 'screen', '--help']);
  const text = help.stdout.toString('utf8');
  const studies = /--study .*? several, each with --study/.test(text.replaceAll(/\s+/g, ' '));
  return { workers: /^\s+--workers\b/m.test(text), full: /^\s+--full\b/m.test(text), studies };
}

/** A way to screen: on one core or not, with which options. */
export interface Way {
  name: string;
  pinned: boolean;
  options: string[];
  /** What is given to `--study`, the study of the feed first; none: that alone. */
  studies: readonly string[];
}

/** The ways there are today; the first is the one core's. @param several studies that one way takes at once */
export function waysOf({ workers, full, studies }: Offered, several: readonly string[] = []): Way[] {
  const on = (count: number) => (workers ? ['--workers', String(count)] : []);
  return [
    { name: ONE_CORE, pinned: true, options: on(1), studies: [] },
    ...(workers ? [{ name: TWO_WORKERS, pinned: false, options: on(2), studies: [] }] : []),
    ...(full ? [{ name: 'screen --full, one core', pinned: true, options: [...on(1), '--full'], studies: [] }] : []),
    ...(studies && several.length > 0 ? [{ name: TEN, pinned: true, options: on(1), studies: several }] : []),
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
 * Screens the feed once, into new durable stores, and looks at what it found, for its own study. The keys are given, so
 * that all ways give the same pseudonyms.
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
    const studies = way.studies.flatMap((study) => ['--study', study]);
    const args = ['screen', feed.folder, ...placesIn(folder, keys), ...studies, ...way.options];
    const done = await run({ program: MAIN, args, pinned: way.pinned, node, fine: [SET_ASIDE] });
    const several = way.studies.length > 1;
    const worklist = await readFile(join(folder, 'out', several ? FIRST : '', 'worklist.ndjson'), 'utf8');
    const said = done.said as unknown;
    return { ...done, found: foundIn(feed, several ? (said as Summary[])[0]! : (said as Summary), worklist) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function placesIn(folder: string, keys: string): string[] {
  const store = ['--store', join(folder, 'store'), '--keys', keys];
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
