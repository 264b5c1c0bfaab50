import type { Refused } from '../fhir/refusal.ts';
import type { Arrival } from '../intake/arrival.ts';
import { arrivalsOf } from '../intake/bundle.ts';
import type { Arrive } from '../pipeline/arrive.ts';
import type { PullClient } from '../pull/client.ts';
import { isPullRefusal, type PullRefusal } from '../pull/refusal.ts';
import type { Store } from '../store/store.ts';
import type { WorkRow, WorkRows } from '../store/work-rows.ts';
import type { Site } from '../study/site.ts';
import { backOff, LONGEST_MILLISECONDS } from './back-off.ts';
import type { Runner } from './runner-loop.ts';

/** What became of one piece of work, for logs and metrics: codes only. */
export interface PullEvent {
  site: string;
  work: number;
  kind: WorkRow['kind'];
  outcome: 'done' | 'put-off' | 'failed';
  /** Code of a refusal; `internal` for a bug or an outage of ours, which comes with its error. */
  code: string | null;
  error?: unknown;
}

export interface PullParts {
  store: Store;
  /** Sites that are asked, with their clients. */
  sites: ReadonlyMap<string, { site: Site; client: PullClient }>;
  arrive: Arrive;
  clock: () => number;
  /** From 0 to 1. */
  random: () => number;
  told: (event: PullEvent) => void;
}

const DAY = 86_400_000;
/** Work that is done is kept so long for looking into; a failed one until somebody has had time to. */
const KEPT_DONE = DAY;
const KEPT_FAILED = 90 * DAY;

/**
 * Reads again what was only hinted at and takes it in. Work ends when what came is durable: a runner that dies between
 * leaves it claimed, and `recover` lets it be done again, which changes nothing. Site goes beside site, one piece of a
 * site after another.
 */
export function createPullRunner({ store, sites, arrive, clock, random, told }: PullParts): Runner {
  let stopping = false;
  let forgotten = 0;
  const running = new Set<Promise<unknown>>();
  /** Until when a site is left alone. */
  const rest = new Map<string, number>();

  const instant = (at: number) => new Date(at).toISOString();
  const inQueue = <T>(work: (queue: WorkRows) => Promise<T>) => store.withTransaction((tx) => work(tx.hospital));

  async function perform(row: WorkRow, site: Site, client: PullClient): Promise<PullRefusal | null> {
    if (row.kind === 'read') {
      const [type, id] = row.target.split('/') as [string, string];
      const answer = await client.read(type, id);
      if (isPullRefusal(answer)) return answer;
      await arrive(site, arrivalsIn(answer, row));
      return null;
    }
    for await (const page of client.search(row.target, row.since)) {
      if (isPullRefusal(page)) return page;
      await arrive(site, arrivalsOf(page, placeOf(row), true));
    }
    return null;
  }

  /** What is wrong with the whole connection is no fault of the piece: it waits, and so does its site. */
  async function putOff(row: WorkRow, { lasts, scope, code, retryAfter }: PullRefusal): Promise<void> {
    const wait = retryAfter ?? (lasts === 'permanent' ? LONGEST_MILLISECONDS : backOff(row.attempts, random()));
    const until = clock() + wait;
    if (scope === 'site' || retryAfter !== null) rest.set(row.site, until);
    await inQueue((queue) => queue.retryWork(row.id, instant(until), code));
  }

  async function one(row: WorkRow, site: Site, client: PullClient): Promise<void> {
    const about = { site: row.site, work: row.id, kind: row.kind };
    try {
      const refusal = await perform(row, site, client);
      if (!refusal) {
        await inQueue((queue) => queue.finishWork(row.id, instant(clock())));
        told({ ...about, outcome: 'done', code: null });
      } else if (refusal.lasts === 'permanent' && refusal.scope === 'request') {
        await inQueue((queue) => queue.failWork(row.id, refusal.code, instant(clock())));
        told({ ...about, outcome: 'failed', code: refusal.code });
      } else {
        await putOff(row, refusal);
        told({ ...about, outcome: 'put-off', code: refusal.code });
      }
    } catch (error) {
      told({ ...about, outcome: 'put-off', code: 'internal', error });
      const notBefore = instant(clock() + backOff(row.attempts, random()));
      await inQueue((queue) => queue.retryWork(row.id, notBefore, 'internal'));
    }
  }

  async function drainSite(site: Site, client: PullClient): Promise<number> {
    for (let done = 0; ; done++) {
      const now = clock();
      if (stopping || now < (rest.get(site.id) ?? 0)) return done;
      const row = await inQueue((queue) => queue.claimWork(site.id, instant(now)));
      if (!row) return done;
      await one(row, site, client);
    }
  }

  async function drainAll(): Promise<number> {
    const now = clock();
    if (now - forgotten >= DAY / 24) {
      forgotten = now;
      await inQueue((queue) => queue.forgetWork(instant(now - KEPT_DONE), instant(now - KEPT_FAILED)));
    }
    const counts = await Promise.all([...sites.values()].map(({ site, client }) => drainSite(site, client)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  return {
    recover: () => inQueue((queue) => queue.releaseWork(instant(clock()))),
    async drain() {
      const drained = drainAll();
      running.add(drained);
      return drained.finally(() => running.delete(drained));
    },
    async stop() {
      stopping = true;
      await Promise.allSettled(running);
    },
  };
}

function placeOf({ id }: WorkRow) {
  return { file: `work ${id}`, line: null, entry: null };
}

function arrivalsIn(
  answer: Exclude<Awaited<ReturnType<PullClient['read']>>, PullRefusal>,
  row: WorkRow,
): Iterable<Arrival | Refused> {
  if (answer.kind === 'resource') return arrivalsOf(answer.resource, placeOf(row), true);
  const { type, id, at } = answer;
  return [{ kind: 'deletion', place: placeOf(row), type, id, at, versionId: null, fullUrl: null, bundle: null }];
}
