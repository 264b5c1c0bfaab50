import { createHash } from 'node:crypto';

/**
 * JSON with the keys of every object in code-unit order and no white space, so that equal contents give equal texts.
 * @param value parsed JSON (no undefined, no cycles)
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** SHA-256 over the canonical JSON, 64 hexadecimal digits. */
export function contentHash(resource: unknown): string {
  return createHash('sha256').update(canonicalJson(resource), 'utf8').digest('hex');
}
