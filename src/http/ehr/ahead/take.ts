import type { ClientIdentity } from '../../../auth/token.ts';
import { keysOf } from '../../../pipeline/gateway.ts';
import { Unmade } from '../../../pipeline/made.ts';
import type { PushItem } from '../../../pipeline/push.ts';
import { scopeRefusal } from '../../auth/authenticated.ts';
import { type Answer, answerOf } from '../answer.ts';
import { ACTIONS } from '../entries.ts';
import { areRequests } from '../frame.ts';
import { type EhrParts, type EhrRequest, pushed } from '../parts.ts';
import { changeIn } from './plain.ts';

/**
 * Has a Bundle read by the thread, and writes it.
 * @returns null when it is to be read here: it is small, the thread has enough in hand, or the Bundle is not plain
 */
export async function takeAhead(
  parts: EhrParts,
  request: EhrRequest,
  client: ClientIdentity,
  bytes: Buffer,
): Promise<{ atomic: boolean; answers: Answer[] } | null> {
  if (!parts.ahead || bytes.length < parts.ahead.worthBytes) return null;
  const { gateway, site, base, at } = request;
  const over = parts.onWriting();
  try {
    const keys = await keysOf(gateway, site.id);
    const { identifierHash } = keys;
    const read = await parts.ahead.read(bytes, { site: site.id, base, at, identifierHash });
    if (!read || read.entries.some(({ method, change }) => scopeRefusal(client, change.key.type, ACTIONS[method])))
      return null;
    const { entries, texts } = read;
    const supersedes = areRequests(read.type);
    const items = entries.map(
      (entry): PushItem => ({ arrival: changeIn(entry, texts, keys), condition: null, supersedes }),
    );
    const atomic = read.type === 'transaction';
    const done = await pushed(parts, request, items, { atomic });
    return { atomic, answers: done.map((one, index) => answerOf(one, entries[index]!.method)) };
  } catch (error) {
    if (error instanceof Unmade) return null;
    throw error;
  } finally {
    over();
  }
}
