import { idsWith, splitToken } from '../../pipeline/push.ts';
import type { Precondition } from '../../pipeline/push-condition.ts';
import type { HttpRefusal } from '../respond.ts';
import type { EhrRequest } from './parts.ts';

/** `identifier=system|value`, the one search that a conditional write may name. */
export type Criteria = { ok: true; identifier: string } | { ok: false; refusal: HttpRefusal };

/** Reads the criteria of a conditional create or update: one identifier with its system, nothing else. */
export function readCriteria(query: string): Criteria {
  const parameters = [...new URLSearchParams(query)];
  const [name, value] = parameters[0] ?? [];
  const [system, number] = splitToken(value ?? '');
  if (parameters.length === 1 && name === 'identifier' && system && number) return { ok: true, identifier: value! };
  const message = 'A conditional write names one identifier: identifier=system|value, and nothing else.';
  return { ok: false, refusal: { status: 400, code: 'criteria', issue: 'not-supported', message } };
}

/** The condition of If-None-Exist. */
export function noneExists(type: string, identifier: string): Precondition {
  const [system, value] = splitToken(identifier);
  return { kind: 'none-exists', type, system, value };
}

/** Reads If-Match: `W/"3"`, also without `W/`. */
export function readIfMatch(
  text: string | undefined,
): { ok: true; revision: number | null } | { ok: false; refusal: HttpRefusal } {
  if (text === undefined) return { ok: true, revision: null };
  const number = /^(?:W\/)?"(\d{1,15})"$/.exec(text.trim())?.[1];
  if (number !== undefined) return { ok: true, revision: Number(number) };
  const message = 'If-Match must be an ETag as it was given: W/"<number>".';
  return { ok: false, refusal: { status: 412, code: 'if-match', issue: 'conflict', message, expression: null } };
}

/** The query of an address, without its question mark; null when it has none. */
export function queryOf(url: string): string | null {
  const at = url.indexOf('?');
  return at < 0 ? null : url.slice(at + 1);
}

/**
 * Follows the identifier of a conditional update (R4, http.html#cond-update): the resource under the id it leads to, and
 * the condition that it still leads there when it is written.
 */
export async function resolved(
  { gateway, site }: Pick<EhrRequest, 'gateway' | 'site'>,
  type: string,
  identifier: string,
  resource: { id?: unknown },
): Promise<{ resource: object; condition: Precondition } | HttpRefusal> {
  const ids = await idsWith(gateway, site, type, identifier);
  if (ids.length > 1) return SEVERAL;
  const [id] = ids;
  if (id !== undefined && resource.id !== undefined && resource.id !== id)
    return { ...OTHER_ID, expression: `${type}.id` };
  const [system, value] = splitToken(identifier);
  const condition: Precondition = { kind: 'still', type, system, value, ids };
  return { resource: id === undefined ? resource : { ...resource, id }, condition };
}

export const OTHER_ID: HttpRefusal = {
  status: 400,
  code: 'other-id',
  issue: 'value',
  message: 'The resource has no id, or another one than the request leads to. Correct one.',
};
const SEVERAL: HttpRefusal = {
  status: 412,
  code: 'several-match',
  issue: 'conflict',
  message: 'Several resources carry this identifier: merge them at the source, or name one by its id.',
};
