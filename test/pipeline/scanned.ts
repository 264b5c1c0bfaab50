import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Refused } from '../../src/fhir/refusal.ts';
import { listFeed } from '../../src/intake/files.ts';
import { readFeed } from '../../src/intake/read.ts';
import { clustersAt } from '../../src/pipeline/clusters.ts';
import { decideAll } from '../../src/pipeline/decide.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { readPerson } from '../../src/pipeline/person.ts';
import { takeInScanned } from '../../src/pipeline/scan-feed.ts';
import type { ScreenedSubject } from '../../src/pipeline/screen.ts';
import { takeInWhole } from '../../src/pipeline/take-in-whole.ts';
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
  found: ScreenedSubject[];
}

/** Takes files in, one run of the command line, and screens everybody. */
export async function runOn(gateway: Gateway, files: Files, way: Way, site: Site | null = null): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'scanned-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const listed = await listFeed([folder]);
  if (!('files' in listed)) throw new Error('the files are not there');
  const feed = listed.files.map((file) => ({ ...file, name: file.name.slice(folder.length + 1) }));
  const tally = emptyTally();
  const quarantine: Outcome['quarantine'] = [];
  const setAside = ({ place, reason, message, expression }: Refused) =>
    void quarantine.push({ place, reason, message, expression });
  const decisions =
    way === 'full'
      ? await takeInWhole(gateway, site, readFeed(feed), tally, setAside)
      : await takeInScanned(gateway, site, feed, tally, setAside, {
          scanning: way === 1 ? scanHere : scanInThreads(way),
        });
  let heard = await hearAll(gateway, NOW);
  if ((await decideAll(gateway, decisions, tally, setAside)) > 0) heard = await hearAll(gateway, NOW);
  const { screening, found } = heard;
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
      found,
    };
  });
}

/** What must be the same however a feed was read. */
export function shown({ tally, found: _, ...rest }: Outcome): object {
  return { ...rest, read: tally.read, quarantined: tally.quarantined };
}
