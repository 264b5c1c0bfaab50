import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Refused } from '../../src/fhir/refusal.ts';
import { createShapeCheck } from '../../src/fhir/shape/check.ts';
import { isKeyRefusal } from '../../src/identity/key-refusal.ts';
import { type Keys, openKeys } from '../../src/identity/keys.ts';
import { readFeed } from '../../src/intake/read.ts';
import { decideAll } from '../../src/pipeline/decide.ts';
import type { Gateway, ResearchDesk } from '../../src/pipeline/gateway.ts';
import type { SignedDecision } from '../../src/pipeline/prepare.ts';
import type { ScreenedSubject, Screening } from '../../src/pipeline/screen.ts';
import { takeIn } from '../../src/pipeline/take-in.ts';
import { emptyTally, type Tally } from '../../src/pipeline/tally.ts';
import { createConformance } from '../../src/research/conformance/check.ts';
import { loadProfiles } from '../../src/research/conformance/profiles.ts';
import { createDeriver } from '../../src/research/derive/derive.ts';
import { loadMappings } from '../../src/research/derive/load.ts';
import { createScreener } from '../../src/screening/assess.ts';
import { functionBodies } from '../../src/screening/functions/bodies.ts';
import type { SessionHolder } from '../../src/screening/session.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { SubjectRow } from '../../src/store/store.ts';
import { loadStudy } from '../../src/study/load.ts';
import { loadSites, type Site } from '../../src/study/site.ts';
import type { WorklistRow } from '../../src/views/worklist.ts';
import { hearAll, rowsOf } from './heard.ts';

export const HOME = join(import.meta.dirname, '..', '..');
/** The end of 2025-06-01 in Shanghai: the clock of the worked examples. */
export const NOW = Date.parse('2025-06-01T23:59:59.999+08:00');
export const DAY = 86_400_000;

/** A folder of its own for one test. */
export const folder = () => mkdtemp(join(tmpdir(), 'gateway-'));

/** A study compiled, as one half of a gateway. */
export async function studyOf(path: string): Promise<Pick<Gateway, 'loaded' | 'screener'>> {
  const holder: SessionHolder = { current: null };
  const loaded = await loadStudy(path, functionBodies(holder));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const { study, valueSets, textRules } = loaded.value;
  return { loaded: loaded.value, screener: createScreener({ study, valueSets, textRules }, holder) };
}

async function load(): Promise<Omit<Gateway, 'store' | 'clock' | 'actor'>> {
  const sites = await loadSites(join(HOME, 'sites'));
  if (!sites.ok) throw new Error(JSON.stringify(sites.faults));
  const study = await studyOf(join(HOME, 'studies', 'nct07265544'));
  const keys = await fixedKeys(study.loaded.study.id);
  return { ...study, sites: sites.value, shape: createShapeCheck(), keys };
}

/** Keys that are the same in every run, so that pseudonyms can be compared between stores. */
async function fixedKeys(study: string): Promise<Keys> {
  let drawn = 0;
  const keys = await openKeys(join(await folder(), 'keys'), study, (size) =>
    createHash('sha512').update(`test ${drawn++}`).digest().subarray(0, size),
  );
  if (isKeyRefusal(keys)) throw new Error(keys.message);
  // In a fixed order, before anybody asks for one.
  for (const site of ['nf', 'ya', 'bf', 'zn', 'gz']) await keys.of(site);
  return keys;
}

let shared: ReturnType<typeof load> | null = null;
let desk: Promise<ResearchDesk> | null = null;

async function loadDesk(): Promise<ResearchDesk> {
  const mappings = await loadMappings(HOME, join(HOME, 'studies', 'nct07265544'));
  const profiles = await loadProfiles(join(HOME, 'profiles'));
  if (!mappings.ok) throw new Error(JSON.stringify(mappings.faults));
  if (!profiles.ok) throw new Error(JSON.stringify(profiles.faults));
  const conformance = createConformance(profiles.value);
  return { deriver: createDeriver({ mappings: mappings.value, conformance }), version: 'test' };
}

/** Maps and profiles of the study side, read once for all gateways. */
function sharedDesk(): Promise<ResearchDesk> {
  desk ??= loadDesk();
  return desk;
}

export interface TestGatewayOptions {
  /** Makes research records too; reading maps and profiles takes a moment. */
  research?: boolean;
}

/** A gateway over a store of its own (in memory unless a file is given) whose wall clock ticks a second a look. */
export async function openTestGateway(file = ':memory:', options: TestGatewayOptions = {}): Promise<Gateway> {
  shared ??= load();
  let at = Date.parse('2025-06-02T00:00:00Z');
  const clock = () => {
    at += 1000;
    return at;
  };
  const store = await openSqliteStore(file);
  const research = options.research ? { research: sharedDesk } : {};
  return { ...(await shared), store, ...research, clock, actor: 'test' };
}

/** A gateway of another study, over a store and with keys of its own. @param study from `studyOf` */
export async function openOtherGateway(study: Pick<Gateway, 'loaded' | 'screener'>): Promise<Gateway> {
  return { ...(await openTestGateway()), ...study, keys: await fixedKeys(study.loaded.study.id) };
}

/** What one run left behind. */
export interface Run {
  tally: Tally;
  quarantine: Refused[];
  screening: Screening;
  found: ScreenedSubject[];
  rows: WorklistRow[];
  subjects: SubjectRow[];
}

export interface RunOptions {
  now?: number;
  site?: Site | null;
}

/** One run as the command line does it: takes files in (name → content), then screens everybody known. */
export async function runOver(
  gateway: Gateway,
  files: Readonly<Record<string, string | Uint8Array>>,
  { now = NOW, site = null }: RunOptions = {},
): Promise<Run> {
  const tally = emptyTally();
  const quarantine: Refused[] = [];
  const decisions: SignedDecision[] = [];
  const setAside = (refused: Refused) => void quarantine.push(refused);
  for (const [name, content] of Object.entries(files)) {
    const feed = readFeed([{ name, path: '-', bytes: null }], { stdin: once(Buffer.from(content as string)) });
    decisions.push(...(await takeIn(gateway, site, feed, tally, setAside)));
  }
  let heard = await hearAll(gateway, now);
  if ((await decideAll(gateway, decisions, tally, setAside)) > 0) heard = await hearAll(gateway, now);
  const subjects = await gateway.store.withTransaction((tx) => tx.study.subjects());
  return { tally, quarantine, ...heard, rows: rowsOf(heard.found), subjects };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Resources as a file of NDJSON. */
export const ndjson = (resources: readonly object[]) => resources.map((each) => `${JSON.stringify(each)}\n`).join('');

/** The row of a person, who must be a subject. */
export function rowOf({ rows }: Pick<Run, 'rows'>, patient: string): WorklistRow {
  const row = rows.find((each) => each.patient === patient);
  if (!row) throw new Error(`no subject: ${patient}`);
  return row;
}

/** Verdict of each criterion. */
export const verdictsOf = (row: WorklistRow): Record<string, string> =>
  Object.fromEntries(row.criteria.map(({ id, verdict }) => [id, verdict]));
