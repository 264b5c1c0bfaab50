import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { markOf } from '../../src/http/ehr/ahead/marks.ts';
import type { About } from '../../src/http/ehr/ahead/plain.ts';
import { type Ahead, readInThread } from '../../src/http/ehr/ahead/pool.ts';
import { HOME } from '../pipeline/gateway.ts';

export const STUDY = join(HOME, 'studies', 'nct07265544');
export const SITES = join(HOME, 'sites');
export const ABOUT: About = {
  site: 'ya',
  base: 'http://127.0.0.1/ehr/ya/fhir',
  at: '2025-06-01T12:00:00.000Z',
  identifierHash: new Uint8Array(32),
};
/** A Bundle in which nothing is to be found. */
export const EMPTY = Buffer.from('{"resourceType":"Bundle","type":"collection"}');

export interface ReaderOptions {
  thread?: URL;
  limits?: { maxDepth: number; maxEntries: number };
  marks?: { study: string; sites: string };
  ended?: (error: unknown) => void;
  clock?: () => number;
}

const LIMITS = { maxDepth: 64, maxEntries: 5_000 };

/** The thread that reads Bundles, for Bundles of every length. */
export async function openReader({
  marks,
  limits = LIMITS,
  ended = () => {},
  ...more
}: ReaderOptions = {}): Promise<Ahead> {
  return readInThread(
    {
      studyFolder: STUDY,
      sitesFolder: SITES,
      marks: marks ?? { study: await markOf(STUDY), sites: await markOf(SITES) },
      limits,
    },
    { ended, worthBytes: 0, ...more },
  );
}

/** Resolves once the thread reads; it begins at the first question. */
export async function reading(ahead: Ahead): Promise<Ahead> {
  while ((await ahead.read(EMPTY, ABOUT)) === null) await setTimeout(20);
  return ahead;
}
