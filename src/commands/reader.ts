import { resolve } from 'node:path';
import type { Settings } from '../config.ts';
import { markOf } from '../http/ehr/ahead/marks.ts';
import { type Ahead, readInThread } from '../http/ehr/ahead/pool.ts';
import { faultOf } from '../operations/fault.ts';
import type { Log } from '../operations/log.ts';
import type { Definitions } from './open.ts';

/** What reads large Bundles in a thread, where one is wanted. */
export async function readerFor(settings: Settings, { folder }: Definitions, log: Log): Promise<Ahead | undefined> {
  const { readingThreads, maxDepth, maxEntries } = settings;
  if (readingThreads === 0) return undefined;
  const sites = resolve(settings.sites);
  const marks = { study: await markOf(folder), sites: await markOf(sites) };
  return readInThread(
    { studyFolder: folder, sitesFolder: sites, marks, limits: { maxDepth, maxEntries } },
    {
      ended: (error) => log.error('thread-ended', { part: 'reading', ...faultOf(error) }),
    },
  );
}
