import { isUtf8 } from 'node:buffer';

/** A body read as JSON, or why it is none. */
export type JsonBody =
  | { ok: true; value: unknown }
  | { ok: false; code: 'invalid-utf8' | 'invalid-json' | 'too-deep'; message: string };

const SAY = {
  'invalid-utf8': 'The body is not UTF-8. Send UTF-8.',
  'invalid-json': 'The body is not JSON, or is cut off. Send FHIR JSON.',
  'too-deep': 'The JSON is nested deeper than any FHIR resource needs.',
} as const;

/**
 * Reads one body that came over HTTP: UTF-8, JSON, no deeper than `maxDepth` (0 for a scalar, 1 for `{}`).
 * Never throws on what was sent.
 */
export function readJsonBody(bytes: Buffer, maxDepth = 64): JsonBody {
  if (!isUtf8(bytes)) return refused('invalid-utf8');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return refused('invalid-json');
  }
  return isDeeper(value, maxDepth) ? refused('too-deep') : { ok: true, value };
}

function refused(code: keyof typeof SAY): JsonBody {
  return { ok: false, code, message: SAY[code] };
}

/** Level by level: a walk by recursion is what a deep document would break. */
function isDeeper(value: unknown, maxDepth: number): boolean {
  let level = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === maxDepth) return true;
    level = level.flatMap((each) => Object.values(each).filter(isNested));
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
