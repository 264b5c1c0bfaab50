import type { Refused } from '../fhir/refusal.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { FeedFile } from '../intake/files.ts';
import type { Entries } from '../scan/entries.ts';
import { EntryFile } from '../scan/entry-file.ts';
import { createMeaning } from '../scan/meaning.ts';
import { PassedOver } from '../scan/passed-over.ts';
import type { Scanning } from '../scan/scanning.ts';
import { type PhraseMeaning, together } from '../scan/together.ts';
import type { Site } from '../study/site.ts';
import { Candidates } from './candidates.ts';
import type { SignedDecision } from './prepare.ts';
import { firstReading, type ScannedFile, secondReading } from './readings.ts';
import { scanPlan } from './scan-plan.ts';
import { ofStudy } from './study-fault.ts';
import { takeInEach, type Whose } from './take-in.ts';
import { entriesOf, isOfOthers, settleTaken } from './taken.ts';
import type { Taking } from './taker.ts';
import { addUnread, clearUnread } from './unread.ts';

/** Lines passed over whose people are remembered at once: what that takes of memory does not grow with the feed. */
const AT_ONCE = 2_000_000;

export interface ScanOptions {
  stdin?: AsyncIterable<Buffer>;
  onBytes?: (bytes: number) => void;
  /** Hears of everything that is read. */
  onResource?: () => void;
  /** Starts what scans: threads, or none. */
  scanning: (plan: ReturnType<typeof scanPlan>, meaning: PhraseMeaning) => Scanning;
}

/**
 * Takes a feed into studies without reading most of it. The first reading scans every line and reads what is always
 * read: people, consents, whatever is no plain line of one resource. From that and from codes and texts each study knows
 * its candidates. The second one reads every line that names a candidate of any, somebody of whom there is no Patient,
 * or a resource that is held; a study takes in those that it would have read alone. The rest is counted, and remembered
 * by person (`hospital_unread`).
 * @param takings all with the same sites
 * @returns of each study the decisions that came with it, still to be weighed (decideAll); what was refused is told at
 * the end, in the order of the feed
 * @throws StudyFault when one of several stores fails
 */
export async function takeInScanned(
  takings: readonly Taking[],
  named: Site | null,
  files: readonly FeedFile[],
  options: ScanOptions,
): Promise<SignedDecision[][]> {
  const { sites } = takings[0]!.gateway;
  const meanings = takings.map(({ gateway }) => createMeaning(gateway.loaded, sites));
  const studies = takings.map((taking, at) => ({ ...taking, candidates: new Candidates(meanings[at]!) }));
  const everybody = studies.map(({ candidates }) => candidates);
  const scanning = options.scanning(scanPlan(sites, named), together(meanings));
  const scanned: ScannedFile[] = [];
  const lines = new EntryFile();
  const refused = studies.map(() => [[], []] as [Refused[], Refused[]]);
  // Who takes the line of the second reading that is being read; all that the first one reads is everybody's.
  let whose: Whose = null;
  const onLine = (line: { person: number; resource: number } | null) => {
    const isMine = (one: Candidates) => line === null || one.takes(line.person, line.resource);
    whose = studies.length === 1 ? null : everybody.flatMap((one, at) => (isMine(one) ? [at] : []));
  };
  const take = (reading: 0 | 1, arrivals: AsyncIterable<Arrival | SetAside>) => {
    const into = takings.map((taking, at) => ({
      ...taking,
      setAside: (one: Refused) => refused[at]![reading].push(one),
    }));
    return takeInEach(into, named, arrivals, {
      whose: () => whose,
      hear: (at, arrival, prepared) => everybody[at]!.note(takings[at]!.gateway, arrival, prepared),
      onRead: options.onResource,
    });
  };
  const each = async (work: (study: (typeof studies)[number], at: number) => Promise<void>) => {
    for (const at of studies.keys()) await ofStudy(studies, at, (study) => work(study, at));
  };
  function* passedOver(count: number, which?: (entries: Entries, at: number) => boolean): Generator<PassedOver> {
    const of = Math.ceil(count / AT_ONCE);
    const passed = new PassedOver(() => entriesOf(scanned, lines), which);
    for (let part = 0; part < of; part++) {
      passed.takeUp(part, of);
      yield passed;
    }
    passed.close();
  }
  try {
    await each(({ candidates, gateway }) => candidates.begin(gateway));
    const first = await take(0, firstReading(files, scanning, { scanned, lines }, everybody, options));
    await each(({ candidates, gateway }) => candidates.close(gateway));
    const settled = settleTaken(scanned, lines, studies);
    // Before the second reading: a run that is cut off after it has told nobody too little.
    for (const passed of passedOver(settled.byAll)) await each(({ gateway }) => addUnread(gateway.store, passed));
    await each(async ({ candidates, gateway }, at) => {
      const isOthers = (entries: Entries, entry: number) => isOfOthers(entries, entry, candidates);
      for (const passed of passedOver(settled.byOne[at]!, isOthers)) await addUnread(gateway.store, passed);
    });
    const second = await take(1, secondReading(scanned, lines, onLine));
    await each(({ candidates, gateway }) => clearUnread(gateway.store, candidates.read));
    for (const [at, { setAside }] of studies.entries()) for (const one of inOrder(refused[at]!, files)) setAside(one);
    return first.map((decisions, at) => [...decisions, ...second[at]!]);
  } finally {
    await scanning.close();
    lines.close();
    for (const { opened } of scanned) opened?.close();
  }
}

/** Joins what several readings of the same files refused: each has the order of the feed. */
function inOrder(readings: readonly Refused[][], files: readonly FeedFile[]): Refused[] {
  const fileAt = new Map(files.map(({ name }, at) => [name, at]));
  const placed = readings.flatMap((refused) => {
    let [file, line] = ['', 0];
    return refused.map((one) => {
      // Of an entry of a document the line is not known; it stands where those before it stood.
      if (one.place.file !== file) [file, line] = [one.place.file, 0];
      line = Math.max(line, one.place.line ?? 0);
      return { one, file: fileAt.get(file) ?? 0, line };
    });
  });
  return placed.sort((a, b) => a.file - b.file || a.line - b.line).map(({ one }) => one);
}
