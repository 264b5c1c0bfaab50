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
  withAt,
} from './case.ts';
import { transaction } from './resources.ts';

const URN = 'urn:uuid:0f9d1c6e-2222-4000-8000-000000000001';
const patient = (id: string) => ({ resourceType: 'Patient', id, active: true });
const condition = (id: string, subject: object) => ({ resourceType: 'Condition', id, subject, code: { text: 'x' } });
const put = (resource: { resourceType: string; id: string }, more: object = {}) => {
  return { resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}`, ...more } };
};
const bundle = (type: unknown, ...entry: unknown[]) => ({ resourceType: 'Bundle', type, entry });

/** Bundles of wrong types, with wrong entries, requests and addresses; lines that are no resources. */
export function bundleCases(): OddRequest[] {
  return [...types(), ...requests(), ...addresses(), ...subjects(), ...lines()];
}

function post(name: string, body: unknown, expected: Expected): OddRequest {
  return {
    name: `bundle: ${name}`,
    method: 'POST',
    path: BASE,
    headers: JSON_TYPE,
    body: JSON.stringify(body),
    expected,
  };
}

function types(): OddRequest[] {
  const wrong = [
    '',
    'Transaction',
    'TRANSACTION',
    'transactions',
    'batch-response',
    'transaction-response',
    'subscription-notification',
    'banana',
    '__proto__',
    'constructor',
    null,
    7,
    {},
    [],
    ['batch'],
  ];
  const taken = ['transaction', 'batch', 'collection', 'message', 'history', 'document', 'searchset'];
  return [
    ...wrong.flatMap((type) => [
      post(`type ${JSON.stringify(type)}, no entry`, { resourceType: 'Bundle', type }, FAULTY),
      post(`type ${JSON.stringify(type)}, an entry`, bundle(type, put(patient('p-b'))), FAULTY),
      post(`type ${JSON.stringify(type)}, two entries`, bundle(type, put(patient('p-b')), put(patient('p-c'))), FAULTY),
    ]),
    post('no type', { resourceType: 'Bundle', entry: [put(patient('p-b'))] }, FAULTY),
    ...taken.flatMap((type) => [
      post(`an empty ${type}`, { resourceType: 'Bundle', type }, ACCEPTED),
      post(`a ${type} with an empty array`, bundle(type), FAULTY),
      post(
        `a ${type} with an element that R4 does not have`,
        { ...bundle(type, put(patient('p-b'))), nothing: 1 },
        FAULTY,
      ),
      post(
        `a ${type} with __proto__`,
        JSON.parse(JSON.stringify(bundle(type, put(patient('p-b')))).replace('{', '{"__proto__":{"type":"batch"},')),
        FAULTY,
      ),
    ]),
    ...['/Bundle', '/Bundle/b-1', '/Bundle?identifier=a|b'].flatMap((path) =>
      ['POST', 'PUT']
        .filter((method) => (method === 'POST') === (path === '/Bundle'))
        .map((method) => ({
          ...post(`${method} ${path}`, { ...transaction(), id: 'b-1' }, refusedWith(422)),
          method,
          path: BASE + path,
        })),
    ),
    {
      ...post('DELETE /Bundle/b-1', null, refusedWith(422)),
      method: 'DELETE',
      path: `${BASE}/Bundle/b-1`,
      body: undefined,
    },
  ];
}

/** Requests of an entry that are refused: in a transaction all of it, in a batch this one. */
function requests(): OddRequest[] {
  const p = patient('p-b');
  const wrong: [string, unknown][] = [
    ['method PATCH', { resource: p, request: { method: 'PATCH', url: 'Patient/p-b' } }],
    ['method put', { resource: p, request: { method: 'put', url: 'Patient/p-b' } }],
    ['method OPTIONS', { resource: p, request: { method: 'OPTIONS', url: 'Patient/p-b' } }],
    ['method __proto__', { resource: p, request: { method: '__proto__', url: 'Patient/p-b' } }],
    ['method GET', { request: { method: 'GET', url: 'Patient/p-b' } }],
    ['method HEAD', { request: { method: 'HEAD', url: 'Patient/p-b' } }],
    ['no method', { resource: p, request: { url: 'Patient/p-b' } }],
    ['no url', { resource: p, request: { method: 'PUT' } }],
    ['no request', { resource: p }],
    ['no resource', { request: { method: 'PUT', url: 'Patient/p-b' } }],
    ['only a fullUrl', { fullUrl: URN }],
    ['a response', { resource: p, response: { status: '200' } }],
    ['PUT of another id', put(p, { url: 'Patient/p-other' })],
    ['PUT of another type', put(p, { url: 'Condition/p-b' })],
    ['PUT by the identifier of another type', put(p, { url: 'Condition?identifier=a|b' })],
    ['PUT of a type alone', put(p, { url: 'Patient' })],
    ['POST to another type', { resource: p, request: { method: 'POST', url: 'Condition' } }],
    ['PUT with two criteria', put(p, { url: 'Patient?identifier=a|b&name=x' })],
    ['PUT by name', put(p, { url: 'Patient?name=x' })],
    ['PUT by identifier with ifMatch', put(p, { url: 'Patient?identifier=a|b', ifMatch: 'W/"1"' })],
    ['PUT with a bad ifMatch', put(p, { ifMatch: '1' })],
    ['PUT with ifMatch of another version', put(p, { ifMatch: 'W/"4711"' })],
    [
      'POST with a bad ifNoneExist',
      { resource: p, request: { method: 'POST', url: 'Patient', ifNoneExist: 'name=x' } },
    ],
    ['PUT with a bad id', put(patient('a_b'))],
    ['DELETE of nothing', { request: { method: 'DELETE', url: '' } }],
    ['DELETE of a type', { request: { method: 'DELETE', url: 'Patient' } }],
    ['DELETE by criteria', { request: { method: 'DELETE', url: 'Patient?identifier=a|b' } }],
    ['DELETE of a bad id', { request: { method: 'DELETE', url: 'Patient/a_b' } }],
    ['DELETE upwards', { request: { method: 'DELETE', url: '../../Patient/p' } }],
    ['DELETE of no type', { request: { method: 'DELETE', url: 'Patientt/p' } }],
    ['DELETE of a Bundle', { request: { method: 'DELETE', url: 'Bundle/b' } }],
    ['DELETE at another hospital', { request: { method: 'DELETE', url: 'https://nf.example.cn/fhir/Patient/p-b' } }],
    ['a Bundle inside', { resource: transaction(), request: { method: 'POST', url: 'Bundle' } }],
    ['an element that R4 does not have', { ...put(p), nothing: 1 }],
    ['a request with an element that R4 does not have', put(p, { nothing: 1 })],
    ['a resource of another hospital', put({ ...p, meta: { source: 'https://nf.example.cn/fhir' } } as typeof p)],
    ['a fullUrl of another hospital', { ...put(p), fullUrl: 'https://nf.example.cn/fhir/Patient/p-b' }],
  ];
  return wrong.flatMap(([name, entry]) => [
    post(`transaction, ${name}`, bundle('transaction', put(patient('p-good')), entry), {
      kind: 'refused',
      place: true,
    }),
    post(`batch, ${name}`, bundle('batch', entry), PARTS_REFUSED),
  ]);
}

/** fullUrls and references that contradict each other, or go round in circles. */
function addresses(): OddRequest[] {
  const p = patient('p-b');
  const twice = (...entry: unknown[]) => bundle('transaction', ...entry);
  return [
    post('the same resource twice', twice(put(p), put(p)), FAULTY),
    post(
      'the same resource twice, once by its url',
      twice(put(p), { ...put(p), resource: { resourceType: 'Patient', active: true } }),
      FAULTY,
    ),
    post('written and deleted', twice(put(p), { request: { method: 'DELETE', url: 'Patient/p-b' } }), FAULTY),
    post(
      'written and deleted by its whole address',
      twice(put(p), { request: { method: 'DELETE', url: 'https://ya.example.cn/fhir/Patient/p-b' } }),
      FAULTY,
    ),
    post(
      'deleted twice',
      twice(
        { request: { method: 'DELETE', url: 'Patient/p-b' } },
        { request: { method: 'DELETE', url: '/Patient/p-b' } },
      ),
      FAULTY,
    ),
    post(
      'the same fullUrl twice',
      twice({ fullUrl: URN, ...put(p) }, { fullUrl: URN, ...put(patient('p-c')) }),
      FAULTY,
    ),
    post('a fullUrl that is no URL', withAt(transaction(), ['entry', 0, 'fullUrl'], 'not a url'), FAULTY),
    post('a subject that nothing leads to', twice(put(condition('c-b', { reference: 'urn:nothing' }))), FAULTY),
    post('a subject that is itself', twice({ fullUrl: URN, ...put(condition('c-b', { reference: URN })) }), FAULTY),
    post(
      'subjects in a circle',
      twice(
        { fullUrl: URN, ...put(condition('c-b', { reference: 'Condition/c-c' })) },
        put(condition('c-c', { reference: URN })),
      ),
      FAULTY,
    ),
  ];
}

/** Resources in themselves well formed, about nobody here. */
function subjects(): OddRequest[] {
  const wrong: [string, unknown][] = [
    ['nobody', {}],
    ['a display', { display: 'x' }],
    ['a practitioner', { reference: 'Practitioner/x' }],
    ['another server', { reference: 'https://other.example/fhir/Patient/p' }],
    ['another hospital', { reference: 'https://nf.example.cn/fhir/Patient/nf-p-secret' }],
    ['a contained one that is not there', { reference: '#nobody' }],
    ['itself', { reference: '#' }],
    ['a search', { reference: 'Patient?name=x' }],
    ['a search for nothing', { reference: 'Patient?identifier=' }],
    ['an identifier without a value', { identifier: { system: 'https://x.example' } }],
    ['a path', { reference: '../Patient/p' }],
    ['a bad id', { reference: 'Patient/a_b' }],
  ];
  return wrong.map(([name, subject]) => ({
    ...post(`a Condition about ${name}`, condition('c-s', subject as object), FAULTY),
    path: `${BASE}/Condition`,
  }));
}

function lines(): OddRequest[] {
  const good = JSON.stringify(patient('p-lines'));
  const to = (name: string, body: string, expected: Expected): OddRequest => {
    return { name: `lines: ${name}`, method: 'POST', path: BASE, headers: LINES_TYPE, body, expected };
  };
  return [
    to('nothing', '', ACCEPTED),
    to('white space', '\n \r\n\t\n', ACCEPTED),
    to('carriage returns only', `${good}\r${good}\r`, PARTS_REFUSED),
    to('a good one between bad ones', `{\n${good}\nx\n`, ACCEPTED),
    to('a thousand words', 'x\n'.repeat(1_000), PARTS_REFUSED),
    to('a thousand braces', '{\n'.repeat(1_000), PARTS_REFUSED),
    to('a thousand of no type', '{"resourceType":"X"}\n'.repeat(1_000), PARTS_REFUSED),
    to('a Bundle of a wrong type', JSON.stringify(bundle('banana', put(patient('p-b')))), PARTS_REFUSED),
    to('a Bundle in a Bundle', JSON.stringify(bundle('collection', { resource: transaction() })), PARTS_REFUSED),
    to('an array', `[${good},${good}]`, PARTS_REFUSED),
    to('CSV', 'id,name\n1,x\n', PARTS_REFUSED),
    to('server-sent events', 'data: {"resourceType":"Patient"}\n\n', PARTS_REFUSED),
    to('record separators', `\u001e${good}\n`, PARTS_REFUSED),
    to(
      'another hospital',
      JSON.stringify({ ...patient('p-b'), meta: { source: 'https://nf.example.cn/fhir' } }),
      PARTS_REFUSED,
    ),
  ];
}
