import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Refused } from '../fhir/refusal.ts';
import { listFeed } from '../intake/files.ts';
import { readFeed } from '../intake/read.ts';
import type { Gateway } from '../pipeline/gateway.ts';
import { ownDecisions } from '../pipeline/own-decisions.ts';
import { takeInScanned } from '../pipeline/scan-feed.ts';
import { ofStudy } from '../pipeline/study-fault.ts';
import { takeInWhole } from '../pipeline/take-in-whole.ts';
import { emptyTally } from '../pipeline/tally.ts';
import { scanInThreads } from '../scan/pool.ts';
import { scanHere } from '../scan/scanning.ts';
import { REPORT_FILES } from '../views/files.ts';
import type { Summary } from '../views/summary.ts';
import { summaryTables } from '../views/table.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { makeFolder, namedSite, openGateway } from './open.ts';
import { createProgress } from './progress.ts';
import { screenAndReport } from './report.ts';
import { openStudies, type PlacedStudy, type StudiesOptions } from './studies.ts';

export interface ScreenOptions extends StudiesOptions {
  site?: string | undefined;
  asOf?: string | undefined;
  format: 'table' | 'json';
  /** Reads and checks every line. */
  full?: boolean | undefined;
  /** Threads that scan. */
  workers?: number | undefined;
}

/** Screens feeds: takes them into the store of each study, read once, screens everybody known, writes the reports. */
export async function screen(paths: string[], options: ScreenOptions): Promise<number> {
  const listed = await listFeed(paths);
  if ('missing' in listed) {
    throw new CannotStart(`Cannot be read, or is not there: ${listed.missing.join(', ')}. Nothing was screened.`);
  }
  const studies = await openStudies(options);
  const named = namedSite(studies[0]!.definitions, options.site);
  const begun = Date.now();
  const clocks = studies.map(({ definitions }) => clockOf(options.asOf, definitions.loaded.study.timezone, begun));
  for (const { out } of studies) await makeFolder(resolve(out));
  const files = listed.files.filter(({ path }) => !studies.some((study) => isOwn(path, study)));
  const opened: Gateway[] = [];
  try {
    for (const { definitions, store, keys } of studies) opened.push(await openGateway(definitions, { store, keys }));
    const takings = opened.map((gateway) => {
      const quarantine: Refused[] = [];
      return { gateway, tally: emptyTally(), quarantine, setAside: (one: Refused) => void quarantine.push(one) };
    });
    const total = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
    const progress = createProgress(total, process.stderr, opened[0]!.clock);
    const hearing = { onBytes: progress.bytes, onResource: progress.resource };
    const decisions = options.full
      ? await takeInWhole(takings, named, readFeed(files, { onBytes: progress.bytes }), progress.resource)
      : await takeInScanned(takings, named, files, { ...hearing, scanning: scanningFor(options.workers, total) });
    const summaries: Summary[] = [];
    for (const at of takings.keys()) {
      const report = { now: clocks[at]!, out: studies[at]!.out };
      const summary = await ofStudy(takings, at, (taking) => {
        const others = opened.filter((gateway) => gateway !== taking.gateway).map(({ store }) => store);
        const own = () => ownDecisions(decisions[at]!, taking.gateway.store, others, taking.tally);
        return screenAndReport(taking, own, { ...report, quarantine: taking.quarantine });
      });
      summaries.push(summary);
    }
    progress.done();
    process.stdout.write(options.format === 'json' ? jsonOf(summaries) : tablesOf(summaries, studies));
    return takings.some(({ tally }) => tally.quarantined > 0) ? EXIT.setAside : EXIT.done;
  } finally {
    for (const { store } of opened) await store.close();
  }
}

/** One study's summary, or a list of several. */
function jsonOf(summaries: readonly Summary[]): string {
  return `${JSON.stringify(summaries.length === 1 ? summaries[0] : summaries, null, 2)}\n`;
}

function tablesOf(summaries: readonly Summary[], studies: readonly PlacedStudy[]): string {
  const tables = summaries.map((summary, at) => {
    const { out, store } = studies[at]!;
    return `${summaryTables(summary)}\nFiles are in ${resolve(out)}, the store is ${store}.\n`;
  });
  return tables.join('\n\n');
}

/** What an earlier run left behind is no feed, also where it lies among the files to be screened. */
function isOwn(path: string | Buffer, { out, store }: PlacedStudy): boolean {
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
