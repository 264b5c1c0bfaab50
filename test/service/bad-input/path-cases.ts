import { ACCEPTED, BASE, type Expected, JSON_TYPE, type OddRequest, REFUSED, refusedWith } from './case.ts';

const BODY = '{"resourceType":"Patient","id":"p-path"}';

/** Paths, ids and methods that are not there or not well written. */
export function pathCases(): OddRequest[] {
  return [...ids(), ...places(), ...methods()];
}

/** Ids that R4 does not allow (1 to 64 letters, digits, hyphens and dots), as they stand in a path. */
const IDS = [
  '%',
  '%%',
  '%zz',
  '%2',
  '%00',
  '%0d%0aSet-Cookie:x=1',
  '%2e%2e',
  '%2e%2e%2f%2e%2e',
  '..%2f..',
  '%252e',
  '%c0%af',
  '%ff',
  '%e0%a4%a',
  '%f0%9f%98%80',
  '%F0%9F%98',
  'a%20b',
  'a+b',
  'a_b',
  '_search',
  '_history',
  '$export',
  'a;b=c',
  'a,b',
  "a'b",
  'a"b',
  '%22',
  '%27%20OR%201=1',
  'a%2fb',
  'a%5cb',
  '%3Cscript%3E',
  '{id}',
  '*',
  '~',
  '@',
  ':id',
  '__proto__',
  '%E4%B8%AD',
  'x'.repeat(65),
  'x'.repeat(6_000),
  '(a)',
  '!',
  'a|b',
  '%7Ca',
];

function ids(): OddRequest[] {
  const to = (method: string, path: string, expected: Expected = REFUSED): OddRequest => {
    const body = method === 'DELETE' ? undefined : BODY;
    return {
      name: `path: ${method} ${path.slice(0, 90)}`,
      method,
      path,
      headers: body ? JSON_TYPE : {},
      body,
      expected,
    };
  };
  return IDS.flatMap((id) => [
    to('PUT', `${BASE}/Patient/${id}`, refusedWith(400)),
    // Two dots are an id by R4's expression; nothing here makes a file name of it.
    to('DELETE', `${BASE}/Patient/${id}`, id === '%2e%2e' ? ACCEPTED : refusedWith(400)),
    to('PUT', `/ehr/ya/notify/Patient/${id}`, refusedWith(400, 415, 422)),
    to('DELETE', `/ehr/ya/notify/Patient/${id}`, refusedWith(400, 422)),
    to('PUT', `${BASE}/${id}/p-path`, refusedWith(400, 404)),
    to('DELETE', `/ehr/ya/notify/${id}/p-path`, refusedWith(400, 422)),
    to('POST', `/ehr/${id}/notify`, refusedWith(400, 401, 403, 404)),
    to('PUT', `/ehr/${id}/fhir/Patient/p-path`, refusedWith(400, 401, 403, 404)),
  ]);
}

/** Where there is nothing. Behind the check of tokens it is 404 or 405, for everybody else 401. */
function places(): OddRequest[] {
  const nowhere = [
    '//',
    '/.',
    '/..',
    '/ehr',
    '/ehr/',
    '/ehr/ya',
    '/ehr/ya/',
    '/ehr//fhir',
    '/ehr/ya/FHIR',
    '/EHR/ya/fhir/metadata',
    '/fhir',
    '/fhirs/metadata',
    '/fhir/Patient',
    '/operations',
    '/admin',
    '/auth',
    '/auth/',
    '/auth/token/',
    '/auth/token/x',
    '/Auth/Token',
    '/.well-known',
    '/.well-known/',
    '/.well-known/openid-configuration',
    '/.well-known/smart-configuration/x',
    '/livez/x',
    '/readyz/x',
    '/metrics/x',
    '/metricsx',
    '/LIVEZ',
    '/favicon.ico',
    '/robots.txt',
    '/.env',
    '/.git/config',
    '/index.html',
    '/package.json',
    '/node_modules/express/package.json',
    '/src/main.ts',
    '/store.sqlite',
    '/ehr/ya/fhir/../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/%',
    '/%00',
    '/?',
    '/?a=b&a=c&__proto__[x]=1',
    '/ehr/ya/notify/',
    '/ehr/ya/notify/Patient',
    '/ehr/ya/notify/Patient/a/b',
    '/ehr/__proto__/notify',
    '/ehr/constructor/fhir/metadata',
  ];
  const behind = [
    '/Patient',
    '/Patient/',
    '/Patient/p',
    '/Patient/p/',
    '/Patient/p/_history',
    '/Patient/p/_history/1',
    '/Patient/p/$everything',
    '/Patient/p/x/y',
    '/Patient?name=x',
    '/Patient?_id=p',
    '/Patient/_search',
    '/_history',
    '/_search',
    '/$export',
    '/$process-message',
    '/Group/g/$export',
    '/?_type=Patient',
    '/ResearchSubject/x',
    '/AuditEvent',
    '/Patientt/p',
    '/patient/p',
    '/__proto__/p',
    '/constructor/p',
    '/toString/p',
    '/metadata/x',
    '/metadata/',
    '/Metadata',
    '/.well-known/x',
    '/Bundle/b',
    '/*',
    '/Patient/p?_format=xml',
  ];
  return [
    ...nowhere.map((path) => get(path, path === '/?' || path.startsWith('/?a') ? refusedWith(404) : REFUSED)),
    ...behind.filter((path) => path !== '/metadata/').map((path) => get(BASE + path, refusedWith(404, 405))),
    ...behind
      .filter((path) => !path.startsWith('/metadata'))
      .map((path) => ({
        ...get(BASE + path, refusedWith(401)),
        name: `path: GET ${BASE}${path} by nobody`,
        token: null,
      })),
    ...[
      '/openapi.json',
      `${BASE}/.well-known/smart-configuration`,
      '/livez?x=%',
      '/readyz?__proto__=1',
      '/metrics?name[]=x',
      `${BASE}/metadata?mode=full&_format=json`,
      `${BASE}/metadata/`,
      '/livez/',
      '/.well-known/smart-configuration?x=%zz',
    ].map((path) => get(path, ACCEPTED)),
  ];
}

function get(path: string, expected: Expected): OddRequest {
  return { name: `path: GET ${path}`, method: 'GET', path, expected };
}

/** Methods that a place does not have. */
function methods(): OddRequest[] {
  const all = [
    'GET',
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'TRACE',
    'PROPFIND',
    'SEARCH',
    'MKCOL',
    'COPY',
    'LOCK',
    'PURGE',
    'REPORT',
  ];
  const has: Readonly<Record<string, readonly string[]>> = {
    '/livez': ['GET'],
    '/readyz': ['GET'],
    '/metrics': ['GET'],
    '/openapi.json': ['GET'],
    '/auth/token': ['POST'],
    '/.well-known/smart-configuration': ['GET'],
    [`${BASE}/metadata`]: ['GET'],
    [BASE]: ['POST'],
    [`${BASE}/Patient`]: ['POST', 'PUT'],
    [`${BASE}/Patient/p-path`]: ['PUT', 'DELETE'],
    '/ehr/ya/notify': ['POST'],
    '/ehr/ya/notify/Patient/p-path': ['PUT', 'DELETE'],
    '/ehr/ya/events': ['GET'],
    '/nowhere': [],
  };
  return Object.entries(has).flatMap(([path, own]) =>
    all
      .filter((method) => !own.includes(method))
      .map((method): OddRequest => {
        const sends = method !== 'GET' && method !== 'TRACE';
        return {
          name: `method: ${method} ${path}`,
          method,
          path,
          headers: sends ? JSON_TYPE : {},
          body: sends ? BODY : undefined,
          expected: refusedWith(404, 405),
        };
      }),
  );
}
