import type { Refused } from '../fhir/refusal.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { FeedFile } from '../intake/files.ts';
import { unnamedFile } from '../intake/spool.ts';
import type { Entries } from '../scan/entries.ts';
import { isWaiting, KIND, kindOf, placeOf } from '../scan/entries.ts';
import { EntryStore } from '../scan/entry-store.ts';
import { createMeaning } from '../scan/meaning.ts';
import { passedOverIn } from '../scan/passed-over.ts';
import type { Scanning } from '../scan/scanning.ts';
import type { Site } from '../study/site.ts';
import { Candidates } from './candidates.ts';
import type { Gateway } from './gateway.ts';
import type { SignedDecision } from './prepare.ts';
import { firstReading, type ScannedFile, secondReading } from './readings.ts';
import { scanPlan } from './scan-plan.ts';
import { takeIn } from './take-in.ts';
import { ignored, type Tally } from './tally.ts';
import { addUnread, clearUnread } from './unread.ts';

/** Reason under which lines are counted that were passed over because nothing of the study is known of their person. */
export const PASSED_OVER = 'person-without-evidence';

export interface ScanOptions {
  stdin?: AsyncIterable<Buffer>;
  onBytes?: (bytes: number) => void;
  onResource?: () => void;
  /** Starts what scans: threads, or none. */
  scanning: (plan: ReturnType<typeof scanPlan>, meaning: ReturnType<typeof createMeaning>) => Scanning;
}

/**
 * Takes a feed in without reading most of it. The first reading scans every line and reads what is always read: people,
 * consents, whatever is no plain line of one resource. From that and from codes and texts it knows the candidates. The
 * second one reads every line that names a candidate, somebody of whom there is no Patient, or a resource that is held.
 * The rest is counted, and remembered by person (`hospital_unread`).
 * @returns decisions that came with it, still to be weighed (decideAll)
 * @param setAside is told of everything that was refused, at the end, in the order of the feed
 */
export async function takeInScanned(
  gateway: Gateway,
  named: Site | null,
  files: readonly FeedFile[],
  tally: Tally,
  setAside: (refused: Refused) => void,
  options: ScanOptions,
): Promise<SignedDecision[]> {
  const meaning = createMeaning(gateway.loaded, gateway.sites);
  const candidates = new Candidates(meaning);
  const scanning = options.scanning(scanPlan(gateway.sites, named), meaning);
  const scanned: ScannedFile[] = [];
  const kept = new EntryStore(unnamedFile);
  const refused: Refused[][] = [[], []];
  const take = (reading: 0 | 1, arrivals: AsyncIterable<Arrival | SetAside>) =>
    takeIn(
      gateway,
      named,
      arrivals,
      tally,
      (one) => refused[reading]!.push(one),
      (arrival, prepared) => {
        candidates.note(gateway, arrival, prepared);
        options.onResource?.();
      },
    );
  try {
    await candidates.begin(gateway);
    const decisions = await take(0, firstReading(files, scanning, scanned, kept, candidates, options));
    await candidates.close(gateway);
    const taken = takenBy(candidates, scanned);
    const all = scanned.flatMap(({ stretches }) => stretches.map(({ entries }) => entries));
    // Before the second reading: a run that is cut off after it has told nobody too little.
    for (const passed of passedOverIn(all, taken)) await addUnread(gateway.store, passed);
    decisions.push(...(await take(1, secondReading(scanned, taken))));
    await clearUnread(gateway.store, candidates.read);
    for (const entries of all) countPassedOver(entries(), taken, tally);
    for (const one of inOrder(refused, files)) setAside(one);
    return decisions;
  } finally {
    await scanning.close();
    kept.close();
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

/** Which of the lines that wait are read: known only once every line that names a candidate is known. */
function takenBy(
  { people, patients, held }: Candidates,
  scanned: readonly ScannedFile[],
): (entries: Entries, at: number) => boolean {
  const names = (person: number) => people.has(person) || !patients.has(person);
  for (const { stretches } of scanned) {
    for (const { entries: given } of stretches) {
      const entries = given();
      for (let at = 0; at < entries.length; at++) {
        const kind = kindOf(entries, at);
        if (isWaiting(kind) && names(entries.about[at]!)) held.add(entries.id[at]!);
      }
    }
  }
  return (entries, at) => names(entries.about[at]!) || held.has(entries.id[at]!);
}

function countPassedOver(entries: Entries, taken: (entries: Entries, at: number) => boolean, tally: Tally): void {
  const counts = [new Uint32Array(entries.types.length), new Uint32Array(entries.types.length)] as const;
  for (let at = 0; at < entries.length; at++) {
    const kind = kindOf(entries, at);
    if (kind === KIND.unneeded) counts[0][placeOf(entries, at)]!++;
    else if (isWaiting(kind) && !taken(entries, at)) counts[1][placeOf(entries, at)]!++;
  }
  for (const [place, type] of entries.types.entries()) {
    if (counts[0][place]! > 0) ignored(tally, type, 'type-not-needed', counts[0][place]);
    if (counts[1][place]! > 0) ignored(tally, type, PASSED_OVER, counts[1][place]);
  }
}
