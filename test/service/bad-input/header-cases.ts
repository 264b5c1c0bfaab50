import {
  ACCEPTED,
  BASE,
  type Expected,
  FAULTY,
  JSON_TYPE,
  LINES_TYPE,
  type OddRequest,
  REFUSED,
  refusedWith,
} from './case.ts';
import { NAUGHTY } from './naughty.ts';

const BODY = '{"resourceType":"Patient","id":"p-head","meta":{"lastUpdated":"2025-05-30T08:00:00Z"},"active":true}';
const PUT = { method: 'PUT', path: `${BASE}/Patient/p-head`, body: BODY };

type Headers = NonNullable<OddRequest['headers']>;

/** Media types, charsets, codings, conditions and whatever else stands in headers. */
export function headerCases(): OddRequest[] {
  return [...types(), ...codings(), ...conditions(), ...others()];
}

const put = (name: string, headers: Headers, expected: Expected): OddRequest => {
  return { name: `header: ${name}`, ...PUT, headers: { ...JSON_TYPE, ...headers }, expected };
};

function types(): OddRequest[] {
  const wrong = [
    'application/fhir+xml',
    'application/xml',
    'text/plain',
    'text/html',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/fhir+turtle',
    'application/json-patch+json',
    'application/cda+xml',
    'application',
    '/',
    '*/*',
    'application/*',
    'application/fhir+json, text/html',
    'json',
    '',
    ';',
    'fhir+json',
    'application/fhir+json; charset=utf-16',
    'application/fhir+json; charset=gb18030',
    'application/fhir+json; charset="latin1"',
    'application/fhir+json; fhirVersion=3.0',
    'application/fhir+json; fhirVersion=5.0',
    'application/fhir+json; fhirVersion=4.3',
    'application/fhir+json; fhirVersion=x',
    `application/${'x'.repeat(2_000)}`,
    '\u00e9/\u00e9',
  ];
  const right = [
    'application/fhir+json',
    'application/json',
    'Application/FHIR+JSON',
    'application/fhir+json;charset=UTF-8',
    'application/fhir+json; charset="utf-8"',
    'application/fhir+json; fhirVersion=4.0',
    'application/fhir+json; fhirVersion=4.0.1',
    'application/fhir+json; x=y',
    'application/fhir+json;',
  ];
  const doors = [
    PUT,
    { method: 'POST', path: `${BASE}/Patient`, body: BODY },
    { method: 'POST', path: BASE, body: BODY },
  ];
  const lines = [
    'application/fhir+ndjson; charset=utf-16',
    'application/ndjson',
    'text/ndjson',
    'ndjson',
    'application/fhir+ndjson, x',
  ];
  return [
    ...doors.flatMap((door) => wrong.map((type) => at(door, type, refusedWith(415)))),
    ...right.map((type) => at(PUT, type, ACCEPTED)),
    ...wrong
      .filter((type) => !/fhirVersion|charset/.test(type) && type !== '')
      .map((type) => at({ ...PUT, method: 'POST', path: '/ehr/ya/notify' }, type, refusedWith(415))),
    ...lines.map((type) => at({ method: 'POST', path: BASE, body: BODY }, type, refusedWith(415))),
    ...['application/json', 'application/fhir+json', 'multipart/form-data', 'text/plain', ''].map((type) =>
      at({ method: 'POST', path: '/auth/token', body: 'grant_type=client_credentials' }, type, refusedWith(415)),
    ),
    { name: 'header: no media type', ...PUT, expected: refusedWith(415) },
  ];

  function at(door: { method: string; path: string; body: string }, type: string, expected: Expected): OddRequest {
    return {
      name: `type: ${type.slice(0, 60)} (${door.method} ${door.path})`,
      ...door,
      headers: { 'content-type': type },
      expected,
    };
  }
}

function codings(): OddRequest[] {
  const doors: [string, string, Headers][] = [
    ['PUT', PUT.path, JSON_TYPE],
    ['POST', BASE, LINES_TYPE],
    ['POST', '/ehr/ya/notify', JSON_TYPE],
    ['POST', '/auth/token', { 'content-type': 'application/x-www-form-urlencoded' }],
  ];
  return doors.flatMap(([method, path, headers]) =>
    ['gzip', 'deflate', 'br', 'zstd', 'compress', 'gzip, gzip', 'x', 'identity, gzip'].map((coding): OddRequest => {
      const more = { ...headers, 'content-encoding': coding };
      return {
        name: `coding: ${coding} (${path})`,
        method,
        path,
        headers: more,
        body: BODY,
        expected: refusedWith(415),
      };
    }),
  );
}

function conditions(): OddRequest[] {
  const noTag = [
    '1',
    'W/1',
    '"x"',
    'W/"1" ',
    '*',
    'W/"-1"',
    'W/"1.5"',
    'W/"99999999999999999999"',
    'W/"1", W/"2"',
    "W/'1'",
    '""',
    '\u00e9',
  ];
  const noCriteria = [
    '',
    '?',
    'identifier',
    'identifier=',
    'identifier=|',
    'identifier=x',
    'identifier=|x',
    'identifier=x|',
    'name=x',
    '_id=p',
    'identifier=a|b&identifier=a|c',
    'identifier=a|b&name=x',
    'identifier:exact=a|b',
    'Patient?identifier=a|b',
    '__proto__=a|b',
    'identifier=%',
    `identifier=a|${'b'.repeat(8_000)}&x=y`,
  ];
  const other = { ...JSON_TYPE, 'if-match': 'W/"7"' };
  return [
    ...noTag
      .filter((tag) => tag !== 'W/"1" ')
      .map((tag) => put(`If-Match ${tag}`, { 'if-match': tag }, refusedWith(412))),
    put('If-Match of another version', { 'if-match': 'W/"4711"' }, refusedWith(412)),
    {
      name: 'header: If-Match when deleting what is not there',
      method: 'DELETE',
      path: `${BASE}/Patient/p-none`,
      headers: { 'if-match': 'W/"1"' },
      expected: refusedWith(412),
    },
    {
      name: 'header: If-Match with an identifier',
      method: 'PUT',
      path: `${BASE}/Patient?identifier=https://x.example/s|1`,
      headers: other,
      body: BODY,
      expected: REFUSED,
    },
    {
      name: 'header: If-Match when creating',
      method: 'POST',
      path: `${BASE}/Patient`,
      headers: other,
      body: BODY,
      expected: REFUSED,
    },
    ...noCriteria.map((criteria): OddRequest => {
      const headers = { ...JSON_TYPE, 'if-none-exist': criteria };
      return {
        name: `header: If-None-Exist ${criteria.slice(0, 40)}`,
        method: 'POST',
        path: `${BASE}/Patient`,
        headers,
        body: BODY,
        expected: refusedWith(400),
      };
    }),
    ...noCriteria
      .filter((criteria) => !criteria.includes('%'))
      .map((criteria): OddRequest => {
        const path = `${BASE}/Patient?${criteria}`;
        return {
          name: `criteria: ${criteria.slice(0, 40)}`,
          method: 'PUT',
          path,
          headers: JSON_TYPE,
          body: BODY,
          expected: refusedWith(400),
        };
      }),
  ];
}

/** Headers that say nothing here: they must not change the answer, nor break it. */
function others(): OddRequest[] {
  const texts = Object.entries(NAUGHTY).filter(
    ([, text]) => text.length < 8_000 && /^[\t\x20-\x7e\x80-\xff]+$/.test(text),
  );
  const ignored: [string, string][] = [
    ['prefer', 'return=everything'],
    ['prefer', 'respond-async'],
    ['prefer', 'return=minimal; return=representation'],
    ['prefer', ',,,;;='],
    ['accept', 'text/html'],
    ['accept', ','],
    ['accept-encoding', 'gzip;q=x'],
    ['accept-language', '*'],
    ['cookie', 'a=b; c'],
    ['range', 'bytes=0-0'],
    ['origin', 'null'],
    ['x-forwarded-for', '::1, 127.0.0.1'],
    ['x-forwarded-host', 'evil.example'],
    ['x-forwarded-proto', 'https'],
    ['x-http-method-override', 'DELETE'],
    ['x-request-id', '../../x'],
    ['x-correlation-id', '\t'],
    ['upgrade', 'h2c'],
    ['te', 'trailers'],
    ['if-modified-since', 'yesterday'],
    ['if-unmodified-since', 'x'],
    ['date', '\u00e9'],
    ['referer', 'javascript:alert(1)'],
    ['max-forwards', '0'],
    ['dnt', ''],
  ];
  return [
    ...ignored.map(([name, value]) => put(`${name}: ${value}`, { [name]: value }, ACCEPTED)),
    ...texts.map(([name, text]) => put(`Prefer ${name}`, { prefer: `return=${text}` }, ACCEPTED)),
    ...texts.map(([name, text]) => put(`If-Match ${name}`, { 'if-match': text }, refusedWith(412))),
    ...texts.map(([name, text]): OddRequest => {
      const headers = { ...JSON_TYPE, 'x-medplum-deleted-resource': text };
      return {
        name: `header: X-Medplum-Deleted-Resource ${name}`,
        method: 'POST',
        path: '/ehr/ya/notify',
        headers,
        body: '{}',
        expected: refusedWith(422),
      };
    }),
    ...texts.map(([name, text]): OddRequest => {
      const headers = { 'last-event-id': text };
      const path = '/ehr/ya/events';
      return { name: `header: Last-Event-ID ${name}`, method: 'GET', path, headers, expected: refusedWith(400) };
    }),
    { name: 'header: no body', method: 'PUT', path: PUT.path, headers: JSON_TYPE, expected: refusedWith(400) },
    { name: 'header: an empty body', ...PUT, headers: JSON_TYPE, body: '', expected: refusedWith(400) },
    { name: 'header: a body of spaces', ...PUT, headers: JSON_TYPE, body: ' \n ', expected: FAULTY },
    {
      name: 'header: no body for a Bundle',
      method: 'POST',
      path: BASE,
      headers: JSON_TYPE,
      expected: refusedWith(400),
    },
    { name: 'header: Host of another', ...PUT, headers: { ...JSON_TYPE, host: 'evil.example' }, expected: ACCEPTED },
    { name: 'header: Expect', ...PUT, headers: { ...JSON_TYPE, expect: 'a-miracle' }, expected: refusedWith(417) },
  ];
}
