import { hash } from 'node:crypto';

/**
 * JSON with the keys of every object in code-unit order and no white space, so that equal contents give equal texts.
 * @param value parsed JSON (no undefined, no cycles)
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text && ','}${canonicalJson(item)}`;
    return `[${text}]`;
  }
  const object = value as Record<string, unknown>;
  // Without a function to compare by, sort() is by code units.
  for (const key of Object.keys(object).sort())
    text += `${text && ','}${JSON.stringify(key)}:${canonicalJson(object[key])}`;
  return `{${text}}`;
}

/** SHA-256 over the canonical JSON, 64 hexadecimal digits. */
export function contentHash(resource: unknown): string {
  return hash('sha256', canonicalJson(resource));
}
