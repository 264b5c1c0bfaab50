import type { IncomingHttpHeaders } from 'node:http';
import { type Precondition, splitToken } from '../../pipeline/push-condition.ts';
import type { HttpRefusal } from '../respond.ts';

/** `identifier=system|value`, the one search that a conditional write may name. */
export type Criteria = { ok: true; identifier: string } | { ok: false; refusal: HttpRefusal };

/** Reads the criteria of a conditional create or update: one identifier with its system, nothing else. */
export function readCriteria(query: string): Criteria {
  const parameters = [...new URLSearchParams(query)];
  const [name, value] = parameters[0] ?? [];
  const [system, number] = splitToken(value ?? '');
  // A comma means: or. One of a value is escaped (R4, search.html#escaping).
  if (parameters.length === 1 && name === 'identifier' && system && number && !/(?<!\\)(\\\\)*,/.test(value!))
    return { ok: true, identifier: value!.replaceAll(/\\([\\,|$])/g, '$1') };
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

/** If-Match where no single version is meant: it is not passed over, since then the write would not be conditional. */
export const NO_MATCH: HttpRefusal = {
  status: 412,
  code: 'if-match',
  issue: 'conflict',
  message: 'If-Match goes with a PUT or DELETE of one id. Leave it out, or name the resource by its id.',
};

/** A write under a condition that is not offered: passed over, it would not be conditional (RFC 9110, section 13). */
export const UNOFFERED: HttpRefusal = {
  status: 412,
  code: 'condition',
  issue: 'not-supported',
  message: 'The conditions of a write are If-Match, If-None-Exist and an identifier. Leave others out.',
};

/** What headers ask of a write that is not offered; null when they do not. A date that is none is to be ignored. */
export function conditionRefusal(headers: IncomingHttpHeaders): HttpRefusal | null {
  const dated = !Number.isNaN(Date.parse(headers['if-unmodified-since'] ?? ''));
  return dated || headers['if-none-match'] !== undefined ? UNOFFERED : null;
}
