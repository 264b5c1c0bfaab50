import { setTimeout } from 'node:timers/promises';
import type { Request, Response, Router } from 'express';
import type { NoticeBell } from '../../pipeline/notice-bell.ts';
import type { HospitalFhir } from '../../views/hospital-fhir.ts';
import { refuse } from '../respond.ts';
import { type AccessParts, refuseScope, refuseSite, siteOf } from './access.ts';
import { LAST_EVENT_ID, TOO_MANY_STREAMS } from './refusals.ts';

export interface EventParts extends AccessParts {
  fhir: Pick<HospitalFhir, 'lastNotice' | 'noticesAfter'>;
  bell: NoticeBell;
  /** Aborted when the service stops: streams end then. */
  stopping: AbortSignal;
  /** milliseconds since 1970 */
  clock: () => number;
  /** When the token of who asks expires, in milliseconds since 1970; null when it does not. */
  expiresAt: (res: Response) => number | null;
  /** Waits; ends early, or rejects, when the signal aborts. */
  pause?: Pause;
}

type Pause = (milliseconds: number, signal: AbortSignal) => Promise<unknown>;

const HEARTBEAT_MILLISECONDS = 15_000;
const STREAMS_OF_CLIENT = 4;
const PAGE = 100;
const TYPES = ['ResearchSubject', 'Task'] as const;

/**
 * `GET /events` of a site (mount `/ehr/:site`, `mergeParams`): notices as server-sent events (HTML, "Server-sent
 * events"), of the types that the client may search, after Last-Event-ID or from now on. It ends with the client's token.
 */
export function hospitalEvents(router: Router, parts: EventParts): void {
  const open = new Map<string, number>();
  router.get('/events', async (req, res) => {
    const at = siteOf(res, parts);
    if (!at) return refuseSite(res);
    const types = TYPES.filter((type) => parts.allows(res, type, 's'));
    if (types.length === 0) return refuseScope(res);
    const given = req.get('last-event-id');
    if (given !== undefined && !/^\d{1,15}$/.test(given)) return refuse(res, LAST_EVENT_ID);
    const streams = open.get(at.client) ?? 0;
    if (streams >= STREAMS_OF_CLIENT) return refuse(res, TOO_MANY_STREAMS);
    open.set(at.client, streams + 1);
    try {
      const last = await parts.fhir.lastNotice(at.site.id);
      const from = given === undefined ? last : Math.min(Number(given), last);
      await stream(parts, req, res, { site: at.site.id, from, types });
    } finally {
      const left = open.get(at.client)! - 1;
      if (left > 0) open.set(at.client, left);
      else open.delete(at.client);
    }
  });
}

interface Followed {
  site: string;
  from: number;
  types: readonly string[];
}

async function stream(parts: EventParts, req: Request, res: Response, { site, from, types }: Followed): Promise<void> {
  const { fhir, bell, stopping, clock } = parts;
  const pause: Pause = parts.pause ?? ((milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }));
  const expiry = parts.expiresAt(res) ?? Number.POSITIVE_INFINITY;
  const closed = new AbortController();
  res.once('close', () => closed.abort());
  const ended = AbortSignal.any([closed.signal, stopping]);
  let position = from;
  let woken = false;
  let nap = new AbortController();
  const silence = bell.listen((rung) => {
    if (rung !== site) return;
    woken = true;
    nap.abort();
  });
  const rest = async (milliseconds: number) => {
    nap = new AbortController();
    await pause(Math.max(0, Math.min(milliseconds, expiry - clock())), AbortSignal.any([nap.signal, ended])).catch(
      () => {},
    );
  };
  res.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
  // An id without data is no event, but a client that comes back begins there.
  let text = `id: ${position}\n\n`;
  try {
    if (req.method === 'HEAD') return;
    while (!ended.aborted && clock() < expiry) {
      // Who does not read gets nothing more, and is let go: nothing piles up.
      if (text !== '' && !res.write(text) && !(await drained(res, pause, ended))) {
        res.destroy();
        return;
      }
      woken = false;
      const notices = await fhir.noticesAfter(site, position, PAGE);
      text = notices
        .filter(({ type }) => types.includes(type))
        .map(eventOf)
        .join('');
      position = notices.at(-1)?.number ?? position;
      if (notices.length > 0 || woken || ended.aborted) continue;
      await rest(HEARTBEAT_MILLISECONDS);
      if (!woken) text = ': heartbeat\n\n';
    }
  } finally {
    silence();
    res.end();
  }
}

function eventOf({
  number,
  type,
  id,
  version,
  status,
  kind,
  at,
}: Awaited<ReturnType<HospitalFhir['noticesAfter']>>[number]): string {
  return `id: ${number}\nevent: ${kind}\ndata: ${JSON.stringify({ type, id, version, status, at })}\n\n`;
}

/** Whether the client took what was written before a whole heartbeat was over. */
async function drained(res: Response, pause: Pause, ended: AbortSignal): Promise<boolean> {
  const taken = new AbortController();
  res.once('drain', () => taken.abort());
  await pause(HEARTBEAT_MILLISECONDS, AbortSignal.any([taken.signal, ended])).catch(() => {});
  return taken.signal.aborted;
}
