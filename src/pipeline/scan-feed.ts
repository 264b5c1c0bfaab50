import type { Refused } from '../fhir/refusal.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import type { FeedFile } from '../intake/files.ts';
import { EntryFile } from '../scan/entry-file.ts';
import { createMeaning } from '../scan/meaning.ts';
import { PassedOver } from '../scan/passed-over.ts';
import type { Scanning } from '../scan/scanning.ts';
import type { Site } from '../study/site.ts';
import { Candidates } from './candidates.ts';
import type { Gateway } from './gateway.ts';
import type { SignedDecision } from './prepare.ts';
import { firstReading, type ScannedFile, secondReading } from './readings.ts';
import { scanPlan } from './scan-plan.ts';
import { takeIn } from './take-in.ts';
import { entriesOf, settleTaken } from './taken.ts';
import type { Tally } from './tally.ts';
import { addUnread, clearUnread } from './unread.ts';

/** Lines passed over whose people are remembered at once: what that takes of memory does not grow with the feed. */
const AT_ONCE = 2_000_000;

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
  const lines = new EntryFile();
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
    const decisions = await take(0, firstReading(files, scanning, { scanned, lines }, candidates, options));
    await candidates.close(gateway);
    const passed = settleTaken(scanned, lines, candidates, tally);
    // Before the second reading: a run that is cut off after it has told nobody too little.
    const parts = Math.ceil(passed / AT_ONCE);
    const passedOver = new PassedOver(() => entriesOf(scanned, lines));
    for (let which = 0; which < parts; which++) {
      passedOver.takeUp(which, parts);
      await addUnread(gateway.store, passedOver);
    }
    passedOver.close();
    decisions.push(...(await take(1, secondReading(scanned, lines))));
    await clearUnread(gateway.store, candidates.read);
    for (const one of inOrder(refused, files)) setAside(one);
    return decisions;
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
