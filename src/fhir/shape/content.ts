import type { RefusalCode } from '../refusal.ts';

/** The keys (texts) and indexes (numbers) that lead to a place in JSON. */
export type Steps = (string | number)[];

/** A fault at a place in the JSON of a resource. */
export interface Finding {
  at: Steps;
  reason: RefusalCode;
  message: string;
}

/** Faults told for one resource at most: the first ones say enough. */
export const MOST_FAULTS = 5;

const DEEPEST = 100;
/** FHIR R4 datatypes, "string": at most 1,048,576 characters. */
const LONGEST = 1024 * 1024;
/** base64 and XHTML may be longer. */
const LONG_TEXTS = new Set(['data', 'valueBase64Binary', 'div', 'content', 'blob']);
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * What FHIR's JSON form forbids everywhere, whatever the type (FHIR R4, json.html): empty objects, arrays and strings,
 * null outside arrays of primitives, control characters; and keys that would reach into JavaScript's own objects.
 */
export function findingsOf(resource: object): Finding[] {
  const findings: Finding[] = [];
  visitObject(resource as Record<string, unknown>, [], findings);
  return findings;
}

/** @param at one array for the whole walk: copied only where something is told */
function visit(value: unknown, at: Steps, findings: Finding[]): void {
  if (findings.length > 0 && (findings.length >= MOST_FAULTS || findings.at(-1)!.reason === 'too-deep')) return;
  if (at.length > DEEPEST) {
    findings.push({
      at: [],
      reason: 'too-deep',
      message: 'The resource is nested deeper than FHIR needs. Export it again.',
    });
  } else if (typeof value === 'string') {
    visitString(value, at, findings);
  } else if (typeof value === 'number') {
    // JSON.parse makes Infinity of what is too large, and JSON.stringify null of that.
    if (!Number.isFinite(value)) tell(findings, at, 'is a number too large to be kept. Correct it at the source.');
  } else if (value === null) {
    tell(findings, at, 'is null, which FHIR allows only in arrays of primitives. Leave the element out.');
  } else if (Array.isArray(value)) {
    tell(findings, at, 'is an array inside an array, which FHIR does not have. Export the resource again.');
  } else if (typeof value === 'object') {
    visitObject(value as Record<string, unknown>, at, findings);
  }
}

function visitObject(value: Record<string, unknown>, at: Steps, findings: Finding[]): void {
  const keys = Object.keys(value);
  if (keys.length === 0) tell(findings, at, 'is an empty object. Leave the element out.');
  for (const key of keys) {
    const item = value[key];
    if (RESERVED.has(key)) {
      tell(findings, at, 'has an element with a name that is reserved in JavaScript. Remove it at the source.');
      continue;
    }
    at.push(key);
    if (Array.isArray(item)) visitArray(item, value, key, at, findings);
    else visit(item, at, findings);
    at.pop();
  }
}

function visitArray(
  items: unknown[],
  whole: Record<string, unknown>,
  key: string,
  at: Steps,
  findings: Finding[],
): void {
  if (items.length === 0) tell(findings, at, 'is an empty array. Leave the element out.');
  for (let index = 0; index < items.length; index++) {
    if (findings.length >= MOST_FAULTS) return;
    const item = items[index];
    if (item === null && isFilled(whole[partner(key)], index)) continue;
    at.push(index);
    visit(item, at, findings);
    at.pop();
  }
}

function isFilled(partners: unknown, index: number): boolean {
  return Array.isArray(partners) && partners[index] !== null && partners[index] !== undefined;
}

/** `given` and `_given` are halves of one element: null in one stands for what only the other has. */
function partner(key: string): string {
  return key.startsWith('_') ? key.slice(1) : `_${key}`;
}

function visitString(text: string, at: Steps, findings: Finding[]): void {
  if (text === '') tell(findings, at, 'is an empty string. Leave the element out.');
  else if (text.length > LONGEST && !LONG_TEXTS.has(String(at.at(-1)))) {
    tell(findings, at, 'is longer than the 1 MiB FHIR allows. Shorten it at the source.');
  } else if (CONTROL.test(text) && hasControl(text))
    tell(findings, at, 'contains control characters. Remove them at the source.');
  else if (!text.isWellFormed()) tell(findings, at, 'contains half of a character. Repair the text at the source.');
}

/** Few texts have any, so few are walked. */
const CONTROL = /\p{Cc}/u;

/** Below 32, but for tab, line feed and carriage return. */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return true;
  }
  return false;
}

function tell(findings: Finding[], at: Steps, message: string): void {
  findings.push({ at: [...at], reason: 'shape', message: `The element ${message}` });
}
