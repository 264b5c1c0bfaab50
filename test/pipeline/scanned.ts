import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainOne } from '../../src/commands/explain.ts';
import type { Refused } from '../../src/fhir/refusal.ts';
import { listFeed } from '../../src/intake/files.ts';
import { readFeed } from '../../src/intake/read.ts';
import { clustersAt } from '../../src/pipeline/clusters.ts';
import { decideAll } from '../../src/pipeline/decide.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { readPerson } from '../../src/pipeline/person.ts';
import type { SignedDecision } from '../../src/pipeline/prepare.ts';
import { takeInScanned } from '../../src/pipeline/scan-feed.ts';
import type { ScreenedSubject } from '../../src/pipeline/screen.ts';
import { takeInWhole } from '../../src/pipeline/take-in-whole.ts';
import type { Taking } from '../../src/pipeline/taker.ts';
import { emptyTally, type Tally } from '../../src/pipeline/tally.ts';
import { scanInThreads } from '../../src/scan/pool.ts';
import { scanHere } from '../../src/scan/scanning.ts';
import type { Site } from '../../src/study/site.ts';
import type { WorklistRow } from '../../src/views/worklist.ts';
import { NOW } from './gateway.ts';
import { hearAll, rowsOf } from './heard.ts';

/** A code of ICD-10 of which the study knows nothing. */
export const ELSEWHERE = 'I10';

/** How a feed is read: every line, or scanned in so many threads. */
export type Way = 'full' | 1 | 2;

export type Files = Readonly<Record<string, Uint8Array>>;

/** What a run leaves behind, without times of writing. */
export interface Outcome {
  tally: Tally;
  quarantine: Pick<Refused, 'place' | 'reason' | 'message' | 'expression'>[];
  rows: WorklistRow[];
  subjects: object[];
  counted: [string, number][];
  unresolved: number;
  unmapped: object[];
  /** Everything kept of each subject. */
  records: Record<string, string[]>;
  /** What `explain` says of each subject. */
  explained: Record<string, string>;
  found: ScreenedSubject[];
}

/** Takes files in, one run of the command line, and screens everybody. */
export async function runOn(gateway: Gateway, files: Files, way: Way, site: Site | null = null): Promise<Outcome> {
  const [outcome] = await runOnEach([gateway], files, way, site);
  return outcome!;
}

/** The same for several studies, which have the same sites. */
export async function runOnEach(
  gateways: readonly Gateway[],
  files: Files,
  way: Way,
  site: Site | null = null,
): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'scanned-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const listed = await listFeed([folder]);
  if (!('files' in listed)) throw new Error('the files are not there');
  const feed = listed.files.map((file) => ({ ...file, name: file.name.slice(folder.length + 1) }));
  const takings = gateways.map((gateway) => {
    const quarantine: Outcome['quarantine'] = [];
    const setAside = ({ place, reason, message, expression }: Refused) =>
      void quarantine.push({ place, reason, message, expression });
    return { gateway, tally: emptyTally(), setAside, quarantine };
  });
  const decisions =
    way === 'full'
      ? await takeInWhole(takings, site, readFeed(feed))
      : await takeInScanned(takings, site, feed, { scanning: way === 1 ? scanHere : scanInThreads(way) });
  const outcomes: Outcome[] = [];
  for (const [at, taking] of takings.entries()) outcomes.push(await outcomeOf(taking, decisions[at]!));
  return outcomes;
}

async function outcomeOf(
  { gateway, tally, setAside, quarantine }: Taking & Pick<Outcome, 'quarantine'>,
  decisions: readonly SignedDecision[],
): Promise<Outcome> {
  let heard = await hearAll(gateway, NOW);
  if ((await decideAll(gateway, decisions, tally, setAside)) > 0) heard = await hearAll(gateway, NOW);
  const { screening, found } = heard;
  const explained: Outcome['explained'] = {};
  for (const { site: at, patient } of await gateway.store.read(({ hospital }) => hospital.enrolments()))
    explained[`${at}|${patient}`] = lasting(await explainOne(gateway, { site: at, patient }, NOW));
  return gateway.store.withTransaction(async ({ hospital, study }) => {
    const records: Outcome['records'] = {};
    for (const { site: at, patient } of await hospital.enrolments()) {
      const clusters = await clustersAt(hospital, at);
      const person = await readPerson(hospital, clusters, at, clusters.of(patient));
      // A deletion that came before what it deletes does not say whose that was; a version without anything of the study
      // is kept where one with something was before: both depend on the order, and nothing depends on them.
      const kept = person.rows.filter(({ deleted, body }) => !deleted && !body?.includes(`"${ELSEWHERE}"`));
      records[`${at}|${patient}`] = kept.map(({ type, id, rank }) => `${type}/${id} ${rank.hash}`);
    }
    const subjects = (await study.subjects()).map(({ body }) => ({ ...JSON.parse(body), meta: null }));
    return {
      tally,
      quarantine,
      rows: rowsOf(found),
      subjects,
      counted: [...screening.counted].sort(),
      unresolved: screening.unresolved,
      unmapped: await hospital.unmappedCounts(),
      records,
      explained,
      found,
    };
  });
}

/** Without the instants at which moves were written, and without how much is kept, which depends on the order (`records`). */
function lasting(text: string): string {
  return text.replaceAll(/^ {2}\S+Z (?=.* → )/gm, '  ').replace(/\d+ resources kept/, 'resources kept');
}

/** Whether somebody is among the subjects. */
export const isIn = (found: readonly ScreenedSubject[]) => (site: string, patient: string) =>
  found.some((one) => one.site === site && one.patient === patient);

/** What must be the same however a feed was read. */
export function shown({ tally, found: _, ...rest }: Outcome): object {
  return { ...rest, read: tally.read, quarantined: tally.quarantined };
}
