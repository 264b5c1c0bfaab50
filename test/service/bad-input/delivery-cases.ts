import { createHmac } from 'node:crypto';
import { ZN_SECRET } from '../whole.ts';
import { ACCEPTED, type Expected, JSON_TYPE, nodesOf, type OddRequest, refusedWith, shown, withAt } from './case.ts';

const YA = '/ehr/ya/notify';
const ZN = '/ehr/zn/notify';
const PATIENT = '{"resourceType":"Patient","id":"p-told"}';

/** Deliveries of notifications: wrong Bundles, addresses, signatures. ya signs nothing and has no connection; zn signs. */
export function deliveryCases(): OddRequest[] {
  return [...bundles(), ...addresses(), ...signatures()];
}

const signed = (body: string, secret = ZN_SECRET) => createHmac('sha256', secret).update(body).digest('hex');

function notification(): Record<string, unknown> {
  const parameter = [
    { name: 'subscription', valueReference: { reference: 'https://ya.example.cn/fhir/Subscription/s-1' } },
    { name: 'topic', valueCanonical: 'https://x.example/topic' },
    { name: 'status', valueCode: 'active' },
    { name: 'type', valueCode: 'event-notification' },
    { name: 'events-since-subscription-start', valueString: '1' },
    {
      name: 'notification-event',
      part: [
        { name: 'event-number', valueString: '1' },
        { name: 'focus', valueReference: { reference: 'https://ya.example.cn/fhir/Patient/p-told' } },
      ],
    },
  ];
  const status = { resourceType: 'Parameters', parameter };
  const resource = { resourceType: 'Patient', id: 'p-told' };
  return {
    resourceType: 'Bundle',
    type: 'history',
    entry: [{ resource: status }, { fullUrl: 'https://ya.example.cn/fhir/Patient/p-told', resource }],
  };
}

/** Every part of a notification in another form. Nothing is written: whatever it would be, ya has no connection. */
function bundles(): OddRequest[] {
  const forms: [string, unknown][] = [
    ['null', null],
    ['number', 7.5],
    ['text', 'x'],
    ['object', { a: 1 }],
    ['array', [[]]],
    ['nothing', undefined],
    ['__proto__', JSON.parse('{"__proto__":{"a":1}}')],
  ];
  return nodesOf(notification()).flatMap(({ at }) =>
    forms.map(([form, value]) =>
      deliver(`${form} for ${shown(at)}`, JSON.stringify(withAt(notification(), at, value)), refusedWith(400, 422)),
    ),
  );
}

function deliver(name: string, body: string, expected: Expected): OddRequest {
  return { name: `delivery: ${name}`, method: 'POST', path: YA, headers: JSON_TYPE, body, expected };
}

function addresses(): OddRequest[] {
  const at = (method: string, path: string, body?: string): OddRequest => {
    const headers = body ? JSON_TYPE : {};
    return {
      name: `delivery: ${method} ${path} ${body ?? ''}`,
      method,
      path,
      headers,
      body,
      expected: refusedWith(400, 404, 405, 422),
    };
  };
  return [
    at('PUT', `${YA}/Patient/other`, PATIENT),
    at('PUT', `${YA}/Condition/p-told`, PATIENT),
    at('PUT', `${YA}/patient/p-told`, PATIENT),
    at('PUT', `${YA}/Patient`, PATIENT),
    at('PATCH', `${YA}/Patient/p-told`, PATIENT),
    at('POST', `${YA}/Patient/p-told`, PATIENT),
    at('DELETE', YA),
    at('DELETE', `${YA}/Patient/p-told`),
    at('POST', YA),
    at('POST', YA, '{"resourceType":"Patient"}'),
    at('POST', YA, '{"resourceType":"Patient","id":"a_b"}'),
    at('POST', YA, '{"resourceType":"Patient","id":7}'),
    at('POST', YA, '{"resourceType":"__proto__","id":"p"}'),
    at('POST', YA, '{"resourceType":"Bundle","type":"batch","entry":[]}'),
  ];
}

/** zn has agreed on a secret: nothing counts that is not signed with it, whoever brings it. */
function signatures(): OddRequest[] {
  const good = signed(PATIENT);
  const wrong: [string, Record<string, string>][] = [
    ['none', {}],
    ['of another body', { 'x-signature': signed('x') }],
    ['with another secret', { 'x-signature': signed(PATIENT, 'another secret, as long') }],
    ['with no secret', { 'x-signature': signed(PATIENT, '') }],
    ['cut', { 'x-signature': good.slice(0, -2) }],
    ['empty', { 'x-signature': '' }],
    ['longer', { 'x-signature': `${good}00` }],
    ['not hexadecimal', { 'x-signature': 'z'.repeat(64) }],
    ['base64', { 'x-signature': Buffer.from(good, 'hex').toString('base64') }],
    ['sha1', { 'x-hub-signature': `sha1=${good.slice(0, 40)}` }],
    ['named otherwise', { 'x-hub-signature-256': `sha512=${good}` }],
    ['two, the first wrong', { 'x-hub-signature-256': `sha256=${signed('x')}`, 'x-signature': good }],
    ['twice in one', { 'x-signature': `${good}, ${good}` }],
  ];
  const byClient = (name: string, more: Record<string, string>, body: string, expected: Expected): OddRequest => {
    return { name: `signature: ${name}`, method: 'POST', path: ZN, headers: { ...JSON_TYPE, ...more }, body, expected };
  };
  const to: typeof byClient = (...given) => ({ ...byClient(...given), token: null });
  return [
    ...wrong.map(([name, headers]) => to(name, headers, PATIENT, refusedWith(401))),
    ...wrong.map(([name, more]) => byClient(`${name}, with the token of ya`, more, PATIENT, refusedWith(403))),
    to('good, body changed', { 'x-signature': good }, PATIENT.replace('told', 'sold'), refusedWith(401)),
    to('good, no JSON', { 'x-signature': signed('{') }, '{', { kind: 'refused', status: [400], place: true }),
    to('good, another hospital', { 'x-signature': signed(FOREIGN) }, FOREIGN, ACCEPTED),
    to('good', { 'x-signature': good }, PATIENT, ACCEPTED),
  ];
}

/** Set aside, and answered 200: a refusal would make the server switch its Subscription off. */
const FOREIGN = '{"resourceType":"Patient","id":"p-told","meta":{"source":"https://nf.example.cn/fhir"}}';
