import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Refused } from '../fhir/refusal.ts';
import { dayOf, dayText } from '../fhir/time.ts';
import { listFeed } from '../intake/files.ts';
import { readFeed } from '../intake/read.ts';
import { decideAll } from '../pipeline/decide.ts';
import { takeInScanned } from '../pipeline/scan-feed.ts';
import { type ScreenedSubject, screenAll } from '../pipeline/screen.ts';
import { takeInWhole } from '../pipeline/take-in-whole.ts';
import { emptyTally } from '../pipeline/tally.ts';
import { unreadCounts } from '../pipeline/unread.ts';
import { scanInThreads } from '../scan/pool.ts';
import { scanHere } from '../scan/scanning.ts';
import { REPORT_FILES, writeReport } from '../views/files.ts';
import { SubjectReport } from '../views/report.ts';
import { eachSubject, researchCounts } from '../views/research-counts.ts';
import { summarise } from '../views/summary.ts';
import { summaryTables } from '../views/table.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { makeFolder, namedSite, type OpenOptions, openDefinitions, openGateway } from './open.ts';
import { createProgress } from './progress.ts';

export interface ScreenOptions extends Omit<OpenOptions, 'store'> {
  site?: string | undefined;
  asOf?: string | undefined;
  out: string;
  store?: string | undefined;
  format: 'table' | 'json';
  /** Reads and checks every line. */
  full?: boolean | undefined;
  /** Threads that scan. */
  workers?: number | undefined;
}

/** Screens feeds: takes them into the store, screens everybody known, writes the report. */
export async function screen(paths: string[], options: ScreenOptions): Promise<number> {
  const listed = await listFeed(paths);
  if ('missing' in listed) {
    throw new CannotStart(`Cannot be read, or is not there: ${listed.missing.join(', ')}. Nothing was screened.`);
  }
  const definitions = await openDefinitions(options);
  const named = namedSite(definitions, options.site);
  const { study } = definitions.loaded;
  const now = clockOf(options.asOf, study.timezone, Date.now());
  await makeFolder(resolve(options.out));
  const store = resolve(options.store ?? join(options.out, 'study-gateway.sqlite'));
  const listing = { files: listed.files.filter((file) => !isOwn(file.path, options.out, store)) };
  const gateway = await openGateway(definitions, { store, keys: options.keys });
  const about = { study: study.title, studyVersion: study.version, asOf: dayText(dayOf(now, study.timezone)) };
  const people = new SubjectReport(about);
  try {
    const tally = emptyTally();
    const quarantine: Refused[] = [];
    const total = listing.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
    const progress = createProgress(total, process.stderr, gateway.clock);
    const setAside = (refused: Refused) => quarantine.push(refused);
    const scanning = {
      onBytes: progress.bytes,
      onResource: progress.resource,
      scanning: scanningFor(options.workers, total),
    };
    const decisions = options.full
      ? await takeInWhole(
          gateway,
          named,
          readFeed(listing.files, { onBytes: progress.bytes }),
          tally,
          setAside,
          progress.resource,
        )
      : await takeInScanned(gateway, named, listing.files, tally, setAside, scanning);
    const subject = (found: ScreenedSubject) => people.add(found);
    let screening = await screenAll(gateway, now, { subject });
    if ((await decideAll(gateway, decisions, tally, setAside)) > 0) {
      people.clear();
      screening = await screenAll(gateway, now, { subject });
    }
    progress.done();
    const unmapped = await gateway.store.read(({ hospital }) => hospital.unmappedCounts());
    const research = await researchCounts(gateway.store);
    const passedOver = await unreadCounts(gateway, (site, patient) => people.isSubject(site, patient));
    const summary = summarise(about, study, tally, screening, people.counts, unmapped, research, passedOver);
    await writeReport(options.out, { summary, people, subjects: eachSubject(gateway.store), quarantine, unmapped });
    process.stdout.write(options.format === 'json' ? `${JSON.stringify(summary, null, 2)}\n` : summaryTables(summary));
    if (options.format === 'table')
      process.stdout.write(`\nFiles are in ${resolve(options.out)}, the store is ${store}.\n`);
    return tally.quarantined > 0 ? EXIT.setAside : EXIT.done;
  } finally {
    people.close();
    await gateway.store.close();
  }
}

/** What an earlier run left behind is no feed, also where it lies among the files to be screened. */
function isOwn(path: string | Buffer, out: string, store: string): boolean {
  const file = resolve(path.toString());
  return REPORT_FILES.some((name) => file === resolve(out, name)) || file.startsWith(store);
}

/** Bytes below which starting threads costs more than it saves. */
const SMALL = 64 * 1024 * 1024;

/** What scans the feed: as many threads as are asked for, else one for each processor. */
function scanningFor(workers: number | undefined, bytes: number) {
  const threads = workers ?? (bytes < SMALL ? 1 : availableParallelism());
  return threads === 1 ? scanHere : scanInThreads(threads);
}
