import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openDefinitions, openGateway } from '../../src/commands/open.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { type Random, seededRandom } from '../feed/random.ts';
import { HOME, NOW } from '../pipeline/gateway.ts';
import { expectCalmEnd, expectMarked } from './calm.ts';
import { addEhrs } from './ehrs.ts';
import { expectKept, lookInto } from './kept.ts';
import { loadOf } from './load.ts';
import { enrolments, HOSPITALS, supplyOf } from './supply.ts';
import type { Opening, Point } from './writer.ts';
import { type WriterProcess, writers } from './writer-process.ts';

/** When a process is killed: while it opens the store, any time under load, upon an answer, or where it says it is. */
type Moment =
  | { kind: 'opening' | 'loaded'; milliseconds: number }
  | { kind: 'answered'; times: number }
  | { kind: 'halted'; halt: NonNullable<Opening['halt']> };

const POINTS: readonly Point[] = [
  'push-writing',
  'push-written',
  'push-committed',
  'screening-writing',
  'screening-written',
  'screening-committed',
];

/** Four in nine at one of the points, as many as an answer comes, one under load at a time that nobody chose; now and then at the start. */
function momentOf(life: number, random: Random): Moment {
  const turn = life % 9;
  if (turn === 4) return { kind: 'opening', milliseconds: random.int(0, 150) };
  if (turn === 8) return { kind: 'loaded', milliseconds: random.int(0, 600) };
  if (turn % 2 === 1) return { kind: 'answered', times: random.int(1, 12) };
  const point = random.pick(POINTS);
  return { kind: 'halted', halt: { point, times: random.int(1, point.startsWith('push') ? 15 : 5) } };
}

const PUBLIC_URL = 'http://gateway.example';
/** What has no more to send is killed after so many milliseconds. */
const IDLE = 300;

export interface Killing {
  kills: number;
  /** Draws people, packages and moments. */
  seed: string;
  /** Makes research records too; each start then takes longer. */
  research: boolean;
}

/** What was done, for whoever reads the output. */
export interface Killed {
  /** Kills by where the process was. */
  moments: Record<string, number>;
  /** Requests that were on their way at a kill. */
  unanswered: number;
  people: number;
  /** Resources and decisions. */
  acknowledged: [number, number];
}

/**
 * Runs the service in processes that are killed with SIGKILL under load, one after another over the same store, each
 * time sending again what was not answered. At each restart everything acknowledged must be there, nothing twice; in
 * the end everybody must have come to what one run without a kill gives.
 */
export async function killAgainAndAgain({ kills, seed, research }: Killing): Promise<Killed> {
  const random = seededRandom(`kill/${seed}`);
  const at = await mkdtemp(join(tmpdir(), 'killed-'));
  const [file, keys] = [join(at, 'store.sqlite'), join(at, 'keys')];
  const nextWriter = writers(kills + 1, { compileCache: join(at, 'compiled'), research });
  const calm = await calmGateway(join(at, 'calm.sqlite'), keys, research);
  const store = await openSqliteStore(file);
  const load = loadOf(await addEhrs({ ...calm, store }, HOSPITALS), PUBLIC_URL);
  await store.close();
  const supply = supplyOf(random, seed);
  const moments: Record<string, number> = {};
  let unanswered = 0;

  /** @returns null if it came to the point where it halts before it listened: it screens who was left pending */
  async function listening(writer: WriterProcess, halt: Opening['halt']): Promise<string | null> {
    const opened = writer.open({ store: file, keys, publicUrl: PUBLIC_URL, now: NOW, halt });
    const url = await Promise.race([opened, writer.halted.then(() => null)]);
    // Killed there, it never answers.
    opened.catch(() => {});
    await expectKept(file, calm, load.known, load.unanswered);
    load.waiting.push(...load.unanswered.splice(0));
    return url;
  }

  /** @returns where it was killed */
  async function live(writer: WriterProcess, moment: Moment): Promise<string> {
    if (moment.kind === 'opening') {
      writer.open({ store: file, keys, publicUrl: PUBLIC_URL, now: NOW, halt: null }).catch(() => {});
      await setTimeout(moment.milliseconds);
      await writer.kill();
      return 'opening';
    }
    const halt = moment.kind === 'halted' ? moment.halt : null;
    const url = await listening(writer, halt);
    if (url === null) {
      await writer.kill();
      return halt!.point;
    }
    load.waiting.push(
      ...supply.more(random.int(1, 3) + (load.waiting.length < 20 ? 1 : 0)),
      ...(await enrolments(file, supply, load, random)),
    );
    let answers = 0;
    const sent = load.run(url, () => {
      if (moment.kind === 'answered' && ++answers === moment.times) void writer.kill();
    });
    const come = {
      answered: () => writer.ended.then(() => 'answered'),
      halted: () => writer.halted.then(() => (moment as { halt: { point: string } }).halt.point),
      loaded: () => setTimeout((moment as { milliseconds: number }).milliseconds, 'loaded'),
    };
    const where = await Promise.race([come[moment.kind](), sent.then(() => setTimeout(IDLE, 'idle'))]);
    load.stop();
    await writer.kill();
    await sent;
    unanswered += load.unanswered.length;
    return where;
  }

  for (let life = 0; life < kills; life++) {
    const writer = await nextWriter();
    const where = await live(writer, momentOf(life, random));
    moments[where] = (moments[where] ?? 0) + 1;
    expect(writer.log()).not.toMatch(FAULT);
    if ((POINTS as readonly string[]).includes(where)) await expectMarked(file, calm);
  }
  const last = await nextWriter();
  await load.run((await listening(last, null))!);
  expect([load.waiting, load.unanswered]).toEqual([[], []]);
  while (await isPending(file)) await setTimeout(50);
  expect([await last.stop(), last.log()]).toEqual([0, expect.not.stringMatching(FAULT)]);
  await expectKept(file, calm, load.known, []);
  await expectCalmEnd(file, calm, supply.told);
  const { resources, decisions } = load.known;
  return { moments, unanswered, people: supply.told.length, acknowledged: [resources.size, decisions.size] };
}

const FAULT = /"level":"(error|fatal)"|Error/;

/** Everything but the store as the processes have it, with a store of its own. */
async function calmGateway(file: string, keys: string, research: boolean): Promise<Gateway> {
  const definitions = await openDefinitions({ study: 'nct07265544', sites: join(HOME, 'sites') });
  const { research: desk, ...gateway } = await openGateway(definitions, { store: file, keys });
  for (const site of HOSPITALS) await gateway.keys.of(site);
  return { ...gateway, ...(research ? { research: desk! } : {}), clock: () => NOW };
}

async function isPending(file: string): Promise<boolean> {
  const store = lookInto(file);
  const pending = await store.read(({ hospital }) => hospital.takePending(1));
  await store.close();
  return pending.length > 0;
}
