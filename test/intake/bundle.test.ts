import type { Refused } from '../../src/fhir/refusal.ts';
import type { Arrival, ArrivedResource } from '../../src/intake/arrival.ts';
import { arrivalsOf } from '../../src/intake/bundle.ts';
import { brief } from './feeds.ts';

const PLACE = { file: 'feed', line: 7, entry: null };
const UUID = '0b1f6d2e-3c44-4a51-8f6e-3b8f1c9a7d10';

function take(value: unknown): (Arrival | Refused)[] {
  return [...arrivalsOf(value, PLACE, false)];
}

function bundle(type: string, ...entry: unknown[]): object {
  return { resourceType: 'Bundle', type, entry };
}

const patient = (id?: string) => ({ resourceType: 'Patient', ...(id === undefined ? {} : { id }) });

describe('Bundles of every type', () => {
  test.each(['transaction', 'batch', 'collection', 'searchset', 'history', 'document', 'message'])('%s', (type) => {
    const items = take(bundle(type, { resource: patient('a') }, { resource: patient('b') }));
    expect(brief(items)).toEqual(['7[0] Patient/a', '7[1] Patient/b']);
  });

  test.each(['transaction-response', 'batch-response', 'subscription-notification', '', 3, undefined])(
    '%s is refused once',
    (type) => {
      const items = take({ ...bundle('', { resource: patient('a') }, { resource: patient('b') }), type });
      expect(items).toEqual([
        expect.objectContaining({ kind: 'refused', reason: 'bundle-type', place: PLACE, expression: 'Bundle.type' }),
      ]);
    },
  );

  test('without entries they yield nothing; entries that are no array are refused', () => {
    expect(take({ resourceType: 'Bundle', type: 'batch' })).toEqual([]);
    expect(take(bundle('batch'))).toEqual([]);
    expect(take({ resourceType: 'Bundle', type: 'batch', entry: { resource: patient('a') } })).toEqual([
      expect.objectContaining({ reason: 'shape', expression: 'Bundle.entry' }),
    ]);
  });
});

describe('what the entries share', () => {
  const about = (value: object) => (take(value)[0] as ArrivedResource).bundle;

  test('type, time and source', () => {
    const entry = [{ resource: patient('a') }];
    const meta = { lastUpdated: '2025-01-02T00:00:00Z', source: 'https://ya.example.cn/fhir' };
    const whole = { resourceType: 'Bundle', type: 'batch', timestamp: '2025-01-01T00:00:00Z', meta, entry };
    expect(about(whole)).toMatchObject({ type: 'batch', timestamp: '2025-01-01T00:00:00Z', source: meta.source });
    expect(about({ ...whole, timestamp: undefined })?.timestamp).toBe('2025-01-02T00:00:00Z');
    expect(about({ ...whole, timestamp: 5, meta: 'x' })).toMatchObject({ timestamp: null, source: null });
  });

  test('fullUrls lead to the ids that the resources have or get', () => {
    const context = about(
      bundle(
        'transaction',
        { fullUrl: `urn:uuid:${UUID}`, resource: patient() },
        { fullUrl: 'https://ya.example.cn/fhir/Patient/b', resource: patient() },
        { fullUrl: 'https://ya.example.cn/fhir/Patient/c', resource: patient('d') },
        { resource: patient('e') },
        { fullUrl: 'urn:uuid:gone', request: { method: 'DELETE', url: 'Patient/f' } },
      ),
    );
    expect([...context!.fullUrls]).toEqual([
      [`urn:uuid:${UUID}`, `Patient/${UUID}`],
      ['https://ya.example.cn/fhir/Patient/b', 'Patient/b'],
      ['https://ya.example.cn/fhir/Patient/c', 'Patient/d'],
    ]);
  });
});

describe('ids', () => {
  const id = (entry: object) => (take(bundle('transaction', entry))[0] as ArrivedResource).resource.id;
  const put = { method: 'PUT', url: 'Patient/put' };

  test('its own, else of the PUT, else of the RESTful fullUrl, else of the urn:uuid', () => {
    const fullUrl = 'https://ya.example.cn/fhir/Patient/full';
    expect(id({ fullUrl, resource: patient('own') })).toBe('own');
    expect(id({ fullUrl, request: put, resource: patient() })).toBe('put');
    expect(id({ fullUrl, request: { method: 'POST', url: 'Patient' }, resource: patient() })).toBe('full');
    expect(id({ fullUrl: `urn:uuid:${UUID}`, resource: patient() })).toBe(UUID);
  });

  test.each([
    { fullUrl: 'urn:oid:1.2.3' },
    { fullUrl: 'https://ya.example.cn/fhir/Condition/other-type' },
    { fullUrl: 'urn:uuid:no id!' },
    { request: { method: 'PUT', url: 'Patient?identifier=a|b' } },
    {},
  ])('else of the content, the same each time: %j', (entry) => {
    const given = id({ ...entry, resource: { resourceType: 'Patient', active: true } });
    expect(given).toMatch(/^h-[0-9a-f]{32}$/);
    expect(given).toBe(id({ resource: { active: true, resourceType: 'Patient' } }));
    expect(given).not.toBe(id({ resource: { active: false, resourceType: 'Patient' } }));
  });

  test('a resource by itself gets one as well; what was passed in stays as it was', () => {
    const lone = Object.freeze(patient());
    const [item] = take(lone) as ArrivedResource[];
    expect(item).toMatchObject({ kind: 'resource', place: PLACE, fullUrl: null, bundle: null });
    expect(item!.resource.id).toMatch(/^h-[0-9a-f]{32}$/);
    expect(lone).toEqual({ resourceType: 'Patient' });
    const value = bundle('batch', { fullUrl: `urn:uuid:${UUID}`, resource: patient() });
    const before = structuredClone(value);
    take(value);
    expect(value).toEqual(before);
  });

  test('a PUT that names another resource than it holds is refused', () => {
    for (const resource of [patient('other'), { resourceType: 'Condition', id: 'put' }]) {
      expect(take(bundle('transaction', { request: put, resource }))).toEqual([
        expect.objectContaining({ reason: 'invalid-id', expression: 'Bundle.entry[0].resource.id' }),
      ]);
    }
  });
});

describe('deletions', () => {
  const remove = (url: string, more: object = {}) => ({ request: { method: 'DELETE', url }, ...more });

  test('name type, id, version and time', () => {
    const response = { status: '204', lastModified: '2025-03-01T00:00:00Z', etag: 'W/"3"' };
    const value = {
      ...bundle(
        'history',
        remove('Patient/a', { response, fullUrl: 'https://x/Patient/a' }),
        remove('https://x/fhir/Condition/b'),
      ),
      timestamp: '2025-03-02T00:00:00Z',
    };
    expect(take(value)).toEqual([
      expect.objectContaining({
        ...{ kind: 'deletion', type: 'Patient', id: 'a', at: '2025-03-01T00:00:00Z', versionId: '3' },
        ...{ fullUrl: 'https://x/Patient/a', place: { ...PLACE, entry: 0 } },
      }),
      expect.objectContaining({
        type: 'Condition',
        id: 'b',
        at: '2025-03-02T00:00:00Z',
        versionId: null,
        fullUrl: null,
      }),
    ]);
    expect(take(bundle('transaction', remove('Patient/a')))).toEqual([expect.objectContaining({ at: null })]);
  });

  test.each([
    ['Patient?identifier=x', 'method-unsupported'],
    ['Patient/a/_history/1', 'method-unsupported'],
    ['Patient', 'method-unsupported'],
    ['', 'method-unsupported'],
    ['Patient/no id', 'invalid-id'],
  ])('of %s are refused', (url, reason) => {
    expect(take(bundle('transaction', remove(url)))).toEqual([
      expect.objectContaining({ kind: 'refused', reason, expression: 'Bundle.entry[0].request.url' }),
    ]);
  });
});

test('every entry is one item: requests, outcomes and oddities', () => {
  const items = take(
    bundle(
      'searchset',
      { request: { method: 'GET', url: 'Patient/a' } },
      { request: { method: 'HEAD', url: 'Patient?name=x' } },
      { response: { status: '200' } },
      { resource: { resourceType: 'OperationOutcome' }, search: { mode: 'outcome' } },
      { resource: patient('inc'), search: { mode: 'include' } },
      { request: { method: 'PATCH', url: 'Patient/a' }, resource: patient('a') },
      { request: { method: 'toString', url: 'Patient/a' }, resource: patient('a') },
      { request: 'PUT', resource: patient('a') },
      'text',
      null,
      [],
      { resource: 'text' },
      { resource: null },
      { resource: { id: 'a' } },
      { resource: bundle('collection', { resource: patient('deep') }) },
      { fullUrl: 'urn:uuid:x' },
      { request: { method: 'PUT', url: 'Patient/a' }, response: { status: '200' } },
    ),
  );
  expect(brief(items)).toEqual([
    ...['7[0] read-request Patient', '7[1] read-request Bundle', '7[2] response-only Bundle'],
    ...[
      '7[3] search-outcome OperationOutcome',
      '7[4] Patient/inc',
      '7[5] method-unsupported',
      '7[6] method-unsupported',
    ],
    ...['7[7] bundle-entry', '7[8] not-a-resource', '7[9] not-a-resource', '7[10] not-a-resource'],
    ...['7[11] not-a-resource', '7[12] not-a-resource', '7[13] not-a-resource', '7[14] bundle-nested'],
    ...['7[15] bundle-entry', '7[16] bundle-entry'],
  ]);
  expect(items.slice(11, 16).map((item) => (item as Refused).expression)).toEqual([
    ...['Bundle.entry[11].resource', 'Bundle.entry[12].resource', 'Bundle.entry[13].resource'],
    ...['Bundle.entry[14].resource', 'Bundle.entry[15]'],
  ]);
});

test('in a Bundle over several lines the line of an entry is not known', () => {
  const [item] = arrivalsOf(bundle('batch', { resource: patient('a') }), PLACE, true);
  expect(item!.place).toEqual({ file: 'feed', line: null, entry: 0 });
  const [lone] = arrivalsOf(patient('a'), PLACE, true);
  expect(lone!.place).toEqual(PLACE);
});

test('a key __proto__ stays a key and reaches nothing', () => {
  const [item] = take(JSON.parse('{"resourceType":"Patient","__proto__":{"polluted":true}}')) as ArrivedResource[];
  expect(Object.keys(item!.resource)).toEqual(['resourceType', '__proto__', 'id']);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
