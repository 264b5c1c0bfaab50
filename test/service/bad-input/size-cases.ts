import {
  ACCEPTED,
  BASE,
  type Expected,
  FAULTY,
  JSON_TYPE,
  LINES_TYPE,
  type OddRequest,
  PARTS_REFUSED,
  refusedWith,
} from './case.ts';
import { transaction } from './resources.ts';

/** The limits that the service of these tests has; the settings have the same names. */
export const LIMITS = { maxBodyBytes: 2 * 1024 * 1024, maxEntries: 300, maxDepth: 64 };

const PATIENT = { resourceType: 'Patient', id: 'p-size' };

/** Documents that are deep, wide or long: at the limit and beyond it. */
export function sizeCases(): OddRequest[] {
  return [...deep(), ...wide(), ...long()];
}

function deep(): OddRequest[] {
  const nests: [string, (levels: number) => string][] = [
    ['arrays', (levels) => '['.repeat(levels) + ']'.repeat(levels)],
    ['objects', (levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`],
    ['arrays without an end', (levels) => '['.repeat(levels)],
    ['objects without an end', (levels) => '{"a":'.repeat(levels)],
    [
      'extensions',
      (levels) => `${'{"url":"https://x.example/e","extension":['.repeat(levels)}{"url":"u"}${']}'.repeat(levels)}`,
    ],
  ];
  const levels = [20, 63, 64, 65, 1_000, 100_000];
  return nests.flatMap(([what, nested]) =>
    levels.flatMap((count) => {
      const text = nested(count);
      if (text.length > LIMITS.maxBodyBytes) return [];
      const body = `{"resourceType":"Patient","id":"p-deep","contact":[{"extension":[${text}]}]}`;
      // Extensions inside extensions are allowed as deep as they are within the limit: 2 levels each, 4 around them.
      const fits = what === 'extensions' && count * 2 + 5 <= LIMITS.maxDepth;
      return [
        put(`deep: ${count} ${what}`, body, fits ? ACCEPTED : FAULTY),
        // A hint is not looked into; ya has no connection to read what it names.
        notify(`deep: ${count} ${what}`, body, count === 20 && !what.endsWith('end') ? refusedWith(422) : FAULTY),
        line(`deep: ${count} ${what}`, body, fits ? ACCEPTED : PARTS_REFUSED),
      ];
    }),
  );
}

function wide(): OddRequest[] {
  const names = Array.from({ length: 20_000 }, () => ({ family: 'x' }));
  const unknown = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, at]));
  const entry = (at: number) => ({
    resource: { resourceType: 'Basic', id: `b-${at}`, code: { text: 'x' } },
    request: { method: 'PUT', url: `Basic/b-${at}` },
  });
  const bundle = (count: number, type: string) =>
    JSON.stringify({ resourceType: 'Bundle', type, entry: Array.from({ length: count }, (_, at) => entry(at)) });
  const post = (name: string, body: string, expected: Expected): OddRequest => {
    return { name, method: 'POST', path: BASE, headers: JSON_TYPE, body, expected };
  };
  return [
    put('wide: 20,000 names', JSON.stringify({ ...PATIENT, name: names }), ACCEPTED),
    put('wide: 20,000 unknown elements', JSON.stringify({ ...PATIENT, ...unknown }), FAULTY),
    put('wide: 20,000 empty objects', JSON.stringify({ ...PATIENT, name: names.map(() => ({})) }), FAULTY),
    put('wide: 100,000 nulls', JSON.stringify({ ...PATIENT, name: [{ given: Array(100_000).fill(null) }] }), FAULTY),
    post('wide: as many entries as allowed', bundle(LIMITS.maxEntries, 'batch'), ACCEPTED),
    post('wide: an entry too many', bundle(LIMITS.maxEntries + 1, 'batch'), refusedWith(413)),
    post('wide: an entry too many, transaction', bundle(LIMITS.maxEntries + 1, 'transaction'), refusedWith(413)),
    post(
      'wide: 100,000 empty entries',
      `{"resourceType":"Bundle","type":"batch","entry":[${'{},'.repeat(99_999)}{}]}`,
      refusedWith(413),
    ),
  ];
}

function long(): OddRequest[] {
  const tooLong = JSON.stringify({ ...PATIENT, text: { status: 'generated', div: 'x'.repeat(LIMITS.maxBodyBytes) } });
  const spaces = `${' '.repeat(LIMITS.maxBodyBytes)}${JSON.stringify(transaction())}`;
  const number = `{"resourceType":"Observation","id":"o-long","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p-size"},"valueQuantity":{"value":1${'0'.repeat(400)}}}`;
  return [
    put('long: a body beyond the limit', tooLong, refusedWith(413)),
    notify('long: a body beyond the limit', tooLong, refusedWith(413)),
    line('long: a line beyond the limit', tooLong, PARTS_REFUSED),
    line('long: a line of spaces beyond the limit', spaces, PARTS_REFUSED),
    { ...put('long: a number that no computer holds', number, FAULTY), path: `${BASE}/Observation/o-long` },
    {
      ...put('long: a form for a token', 'a='.padEnd(20_000, 'x'), refusedWith(413)),
      method: 'POST',
      path: '/auth/token',
      headers: FORM,
      token: null,
    },
  ];
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function put(name: string, body: string, expected: Expected): OddRequest {
  const id = /"id":"([^"]+)"/.exec(body)?.[1] ?? 'none';
  return { name: `${name} (PUT)`, method: 'PUT', path: `${BASE}/Patient/${id}`, headers: JSON_TYPE, body, expected };
}

function notify(name: string, body: string, expected: Expected): OddRequest {
  return { name: `${name} (notification)`, method: 'POST', path: '/ehr/ya/notify', headers: JSON_TYPE, body, expected };
}

function line(name: string, body: string, expected: Expected): OddRequest {
  return { name: `${name} (line)`, method: 'POST', path: BASE, headers: LINES_TYPE, body, expected };
}
