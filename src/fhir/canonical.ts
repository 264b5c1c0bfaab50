import { hash } from 'node:crypto';

/**
 * JSON with the keys of every object in code-unit order and no white space, so that equal contents give equal texts.
 * @param value parsed JSON (no undefined, no cycles)
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    let text = `[${canonicalJson(value[0])}`;
    for (let at = 1; at < value.length; at++) text += `,${canonicalJson(value[at])}`;
    return `${text}]`;
  }
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object);
  if (keys.length === 0) return '{}';
  // Without a function to compare by, sort() is by code units.
  if (keys.length > 1) keys.sort();
  let text = `{${quoted(keys[0]!)}${canonicalJson(object[keys[0]!])}`;
  for (let at = 1; at < keys.length; at++) text += `,${quoted(keys[at]!)}${canonicalJson(object[keys[at]!])}`;
  return `${text}}`;
}

/** Names of elements with quotes and colon: there are some thousands of them, and each comes again and again. */
const names = new Map<string, string>();
const MOST_NAMES = 10_000;

function quoted(name: string): string {
  let text = names.get(name);
  if (text === undefined) {
    text = `${JSON.stringify(name)}:`;
    // Longer ones are no element of FHIR.
    if (names.size < MOST_NAMES && name.length <= 64) names.set(name, text);
  }
  return text;
}

/** SHA-256 over the canonical JSON, 64 hexadecimal digits. */
export function contentHash(resource: unknown): string {
  return hash('sha256', canonicalJson(resource));
}
