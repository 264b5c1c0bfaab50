/** What must come of a request; said by the rule that made it, never by what the service answers. */
export type Expected =
  /** 4xx and nothing written. `place`: a fault of the content, so that the answer must say where it is. */
  | { kind: 'refused'; status?: readonly number[]; place?: boolean }
  /** 200 or 207 of a stream or batch in which every part is refused, and nothing written. */
  | { kind: 'parts-refused' }
  /** 2xx: odd, but what the standards allow. */
  | { kind: 'accepted' };

/** One odd request. */
export interface OddRequest {
  /** Family, then what is odd: unique. */
  name: string;
  method: string;
  /** As it stands in the request line. */
  path: string;
  headers?: Readonly<Record<string, string | readonly string[]>>;
  body?: string | Buffer | undefined;
  /** Instead of the token of ya's client; null sends none. */
  token?: string | null;
  expected: Expected;
}

export const BASE = '/ehr/ya/fhir';
export const JSON_TYPE = { 'content-type': 'application/fhir+json' };
export const LINES_TYPE = { 'content-type': 'application/fhir+ndjson' };

/** The content is at fault: 400 or 422, with its place. */
export const FAULTY: Expected = { kind: 'refused', status: [400, 422], place: true };
/** Something around the content is at fault. */
export const REFUSED: Expected = { kind: 'refused' };
export const ACCEPTED: Expected = { kind: 'accepted' };
export const PARTS_REFUSED: Expected = { kind: 'parts-refused' };
export const refusedWith = (...status: number[]): Expected => ({ kind: 'refused', status });

type Json = { [key: string]: unknown };

/** A deep copy with the value at a place replaced; `undefined` removes it. */
export function withAt<T>(value: T, at: readonly (string | number)[], put: unknown): T {
  const copy = structuredClone(value) as unknown as Json;
  let inside: Json = copy;
  for (const step of at.slice(0, -1)) inside = inside[step] as Json;
  const last = at.at(-1)!;
  if (put === undefined) delete inside[last];
  else inside[last] = put;
  return copy as T;
}

export interface Node {
  at: (string | number)[];
  value: unknown;
}

/** Every value inside a JSON value, the outer ones first; not the value itself. */
export function nodesOf(value: unknown, at: (string | number)[] = []): Node[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([step, item]) => [{ at: [...at, step], value: item }, ...nodesOf(item, [...at, step])]);
}

export const shown = (at: readonly (string | number)[]) => at.join('.');
