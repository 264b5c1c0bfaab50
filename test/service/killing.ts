import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openDefinitions, openGateway } from '../../src/commands/open.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { type Random, seededRandom } from '../feed/random.ts';
import { HOME, NOW } from '../pipeline/gateway.ts';
import { expectCalmEnd } from './calm.ts';
import { addEhrs } from './ehrs.ts';
import { expectKept, lookInto } from './kept.ts';
import { loadOf } from './load.ts';
import { enrolments, HOSPITALS, supplyOf } from './supply.ts';
import type { Opening, Point } from './writer.ts';
import { type WriterProcess, writers } from './writer-process.ts';

/** When a process is killed: while it opens the store, at any time under load, or where it says it is. */
type Moment =
  | { kind: 'opening' | 'loaded'; milliseconds: number }
  | { kind: 'halted'; halt: NonNullable<Opening['halt']> };

const POINTS: readonly Point[] = [
  'push-writing',
  'push-written',
  'push-committed',
  'screening-writing',
  'screening-written',
  'screening-committed',
];

/** Every third at a time that nobody chose, some of these at the start; the others spread over the points. */
function momentOf(life: number, random: Random): Moment {
  if (life % 9 === 5) return { kind: 'opening', milliseconds: random.int(0, 150) };
  if (life % 3 === 2) return { kind: 'loaded', milliseconds: random.int(0, 600) };
  const point = random.pick(POINTS);
  return { kind: 'halted', halt: { point, times: random.int(1, point.startsWith('push') ? 30 : 6) } };
}

const PUBLIC_URL = 'http://gateway.example';
/** What has no more to send is killed after so many milliseconds. */
const IDLE = 300;

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
export async function killAgainAndAgain({ kills, seed }: { kills: number; seed: string }): Promise<Killed> {
  const random = seededRandom(`kill/${seed}`);
  const at = await mkdtemp(join(tmpdir(), 'killed-'));
  const [file, keys] = [join(at, 'store.sqlite'), join(at, 'keys')];
  const nextWriter = writers(kills + 1, join(at, 'compiled'));
  const calm = await calmGateway(join(at, 'calm.sqlite'), keys);
  const store = await openSqliteStore(file);
  const load = loadOf(await addEhrs({ ...calm, store }, HOSPITALS), PUBLIC_URL);
  await store.close();
  const supply = supplyOf(random, seed);
  const moments: Record<string, number> = {};
  let unanswered = 0;

  async function listening(writer: WriterProcess, halt: Opening['halt']): Promise<string> {
    const url = await writer.open({ store: file, keys, publicUrl: PUBLIC_URL, now: NOW, halt });
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
    const url = await listening(writer, moment.kind === 'halted' ? moment.halt : null);
    load.waiting.push(...supply.more(random.int(1, 3)), ...(await enrolments(file, supply, load, random)));
    const sent = load.run(url);
    const idle = sent.then(() => setTimeout(IDLE, 'idle'));
    const come =
      moment.kind === 'halted'
        ? writer.halted.then(() => moment.halt.point)
        : setTimeout(moment.milliseconds, moment.kind);
    const where = await Promise.race([come, idle]);
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
  }
  const last = await nextWriter();
  await load.run(await listening(last, null));
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
async function calmGateway(store: string, keys: string): Promise<Gateway> {
  const definitions = await openDefinitions({ study: 'nct07265544', sites: join(HOME, 'sites') });
  const gateway = { ...(await openGateway(definitions, { store, keys })), clock: () => NOW };
  for (const site of HOSPITALS) await gateway.keys.of(site);
  return gateway;
}

async function isPending(file: string): Promise<boolean> {
  const store = lookInto(file);
  const pending = await store.read(({ hospital }) => hospital.takePending(1));
  await store.close();
  return pending.length > 0;
}
