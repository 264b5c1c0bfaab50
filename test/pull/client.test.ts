import type { FhirResource } from '../../src/fhir/resource.ts';
import { type ClientSettings, createPullClient, type PullClient } from '../../src/pull/client.ts';
import { isPullRefusal } from '../../src/pull/refusal.ts';
import type { TokenSource } from '../../src/pull/token.ts';
import { type Hospital, openHospital } from './hospital.ts';

const NOW = Date.parse('2025-06-02T00:00:00Z');

let hospital: Hospital;
let other: Hospital;
beforeEach(async () => {
  hospital = await openHospital();
  other = await openHospital();
});
afterEach(() => Promise.all([hospital.close(), other.close()]));

function client(given: Partial<ClientSettings> = {}, tokens: TokenSource | null = null): PullClient {
  const settings = { requestsPerSecond: 1000, pageSize: 2, timeoutMilliseconds: 2000, maxAnswerBytes: 100_000 };
  const parts = {
    fetch: (url: string, init: RequestInit) => fetch(url, init),
    clock: () => NOW,
    sleep: async () => {},
  };
  return createPullClient({ base: hospital.base, ...settings, ...given }, { ...parts, tokens });
}

const patient = (id: string) => ({ resourceType: 'Patient', id });
const read = (given: Partial<ClientSettings> = {}) => client(given).read('Patient', 'p1');

async function search(since: string | null = null, given: Partial<ClientSettings> = {}) {
  const found: string[] = [];
  for await (const page of client(given).search('Patient', since)) {
    if (isPullRefusal(page)) found.push(page.code);
    else for (const { resource } of (page.entry ?? []) as { resource: FhirResource }[]) found.push(resource.id!);
  }
  return found;
}

test('reads a resource, asking for FHIR JSON', async () => {
  await hospital.put(patient('p1'));
  let accept: string | undefined;
  hospital.before((req) => {
    accept = req.get('accept');
    return false;
  });
  expect(await read()).toMatchObject({
    kind: 'resource',
    resource: { ...patient('p1'), meta: { versionId: expect.any(String) } },
  });
  expect(accept).toBe('application/fhir+json');
  expect(hospital.asked).toEqual(['Patient/p1']);
  expect(hospital.authorizations).toEqual([undefined]);
});

describe('what is gone', () => {
  test('404 with an OperationOutcome, at the last moment of the second of the server', async () => {
    await hospital.put(patient('p1'));
    await hospital.remove('Patient', 'p1');
    hospital.before((_, res) => {
      res.set('Date', 'Mon, 02 Jun 2025 03:04:05 GMT');
      return false;
    });
    const at = '2025-06-02T03:04:05.999Z';
    expect(await read()).toStrictEqual({ kind: 'gone', type: 'Patient', id: 'p1', at });
  });

  test('410, without a body', async () => {
    hospital.before((_, res) => res.status(410).set({ 'Last-Modified': 'Sun, 01 Jun 2025 00:00:00 GMT' }).end());
    expect(await read()).toMatchObject({ kind: 'gone', at: '2025-06-01T00:00:00.999Z' });
  });

  test('a 404 of something that does not speak FHIR deletes nothing', async () => {
    expect(await read({ base: hospital.base.replace('/fhir', '/elsewhere') })).toMatchObject({
      code: 'answer-not-fhir',
    });
  });
});

describe('answers that cannot be used', () => {
  test.each<[number, Record<string, string>, string, string, string, number | null]>([
    [429, { 'Retry-After': '7' }, 'answer-429', 'transient', 'site', 7000],
    [429, { 'Retry-After': 'Mon, 02 Jun 2025 00:01:00 GMT' }, 'answer-429', 'transient', 'site', 60_000],
    [429, { 'Retry-After': 'Sun, 01 Jun 2025 00:00:00 GMT' }, 'answer-429', 'transient', 'site', 0],
    [429, { 'Retry-After': '999999999' }, 'answer-429', 'transient', 'site', 86_400_000],
    [429, { 'Retry-After': 'soon' }, 'answer-429', 'transient', 'site', null],
    [503, { 'Retry-After': '2' }, 'answer-5xx', 'transient', 'request', 2000],
    [500, {}, 'answer-5xx', 'transient', 'request', null],
    [408, {}, 'answer-5xx', 'transient', 'request', null],
    [401, {}, 'answer-401', 'permanent', 'site', null],
    [403, {}, 'answer-403', 'permanent', 'request', null],
    [400, {}, 'answer-4xx', 'permanent', 'request', null],
    [406, {}, 'answer-4xx', 'permanent', 'request', null],
  ])('%d %j', async (status, headers, code, lasts, scope, retryAfter) => {
    hospital.before((_, res) => res.status(status).set(headers).json({ resourceType: 'OperationOutcome' }));
    expect(await read()).toMatchObject({ kind: 'pull-refused', code, lasts, scope, retryAfter });
    expect(await search()).toEqual([code]);
  });

  test.each([
    ['a page of a portal', '<html>Please log in</html>', 'answer-not-fhir'],
    ['JSON that is no resource', '{"ok":true}', 'answer-not-fhir'],
    ['nothing', '', 'answer-not-fhir'],
    ['another person', '{"resourceType":"Patient","id":"p2"}', 'answer-other-resource'],
    ['another type', '{"resourceType":"Condition","id":"p1"}', 'answer-other-resource'],
    ['too deep', `{"resourceType":"Patient","id":"p1","a":${'['.repeat(70)}${']'.repeat(70)}}`, 'answer-not-fhir'],
    ['more than is allowed', JSON.stringify({ ...patient('p1'), a: 'x'.repeat(100_000) }), 'answer-too-long'],
  ])('%s', async (_, body, code) => {
    hospital.before((_req, res) => res.type('application/fhir+json').send(body));
    expect(await read()).toMatchObject({ code });
  });

  test('an answer that never ends is left, in its headers or in its body', async () => {
    hospital.before(() => undefined);
    expect(await read({ timeoutMilliseconds: 50 })).toMatchObject({ code: 'timed-out' });
    hospital.before((_, res) => res.type('application/fhir+json').write('{'));
    expect(await read({ timeoutMilliseconds: 50 })).toMatchObject({ code: 'timed-out' });
  });

  test('nobody there', async () => {
    expect(await read({ base: 'http://127.0.0.1:1/fhir' })).toMatchObject({ code: 'unreachable', scope: 'site' });
  });
});

describe('search', () => {
  beforeEach(async () => {
    for (const id of ['p1', 'p2', 'p3', 'p4', 'p5']) await hospital.put(patient(id));
  });

  test('follows the pages of what has changed since', async () => {
    expect(await search('2025-06-01T00:00:00.000Z')).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
    const since = '_lastUpdated=ge2025-06-01T00:00:00.000Z&_count=2';
    expect(hospital.asked).toEqual([`Patient?${since}`, `Patient?${since}&_offset=2`, `Patient?${since}&_offset=4`]);
    expect(await search('2999-01-01T00:00:00.000Z')).toEqual([]);
  });

  test('without a moment asks for everything', async () => {
    expect(await search(null, { pageSize: 100 })).toHaveLength(5);
    expect(hospital.asked).toEqual(['Patient?_count=100']);
  });

  test('an error in the middle ends it', async () => {
    hospital.before((req, res) => (req.query._offset === '2' ? res.status(500).end() : false));
    expect(await search()).toEqual(['p1', 'p2', 'answer-5xx']);
  });

  const page = (next: string) => ({
    resourceType: 'Bundle',
    type: 'searchset',
    link: [{ relation: 'next', url: next }],
  });

  test.each([
    ['another server', () => 'http://evil.example/fhir/Patient?page=2'],
    ['another port', () => hospital.base.replace(/:\d+/, ':1')],
    ['another base of the server', () => `${hospital.base}2/Patient`],
    ['a path that leads out', () => `${hospital.base}/../admin`],
    ['a path that leads out, encoded', () => `${hospital.base}/%2e%2e/admin`],
    ['a user before @', () => hospital.base.replace('127', 'user@127')],
    ['a password before @', () => hospital.base.replace('127', ':word@127')],
    ['a host that only looks like ours', () => hospital.base.replace('127.0.0.1', '127.0.0.1.evil.example')],
    ['no address', () => 'http://[/'],
    ['another protocol', () => 'javascript:alert(1)'],
  ])('a next page on %s is not followed', async (_, next) => {
    hospital.before((_req, res) => res.json(page(next())));
    expect(await search()).toEqual(['next-link-foreign']);
    expect(hospital.asked).toHaveLength(1);
  });

  test.each([
    ['relative', 'Patient?page=2'],
    ['of the base itself', '?page=2'],
  ])('a next page that is %s is followed', async (_, next) => {
    hospital.before((req, res) =>
      req.query.page ? false : res.json(page(next === '?page=2' ? hospital.base + next : next)),
    );
    await search();
    expect(hospital.asked).toHaveLength(2);
  });

  test('pages that go round end', async () => {
    hospital.before((_, res) => res.json(page(`${hospital.base}/Patient?page=1`)));
    expect(await search()).toEqual(['paging-endless']);
    expect(hospital.asked).toHaveLength(2);
  });

  test.each([
    ['a resource', 200, { resourceType: 'Patient', id: 'p1' }, 'answer-not-fhir'],
    ['another type of Bundle', 200, { resourceType: 'Bundle', type: 'history' }, 'answer-not-fhir'],
    ['a type that is not known', 404, { resourceType: 'OperationOutcome' }, 'answer-4xx'],
    ['a wrong address', 404, { error: 'not found' }, 'answer-not-fhir'],
  ])('%s instead of a searchset is refused', async (_, status, body, code) => {
    hospital.before((_req, res) => res.status(status).json(body));
    expect(await search()).toEqual([code]);
  });
});

test('no redirect is followed, and the token stays here', async () => {
  await other.put(patient('p1'));
  hospital.before((req, res) => res.redirect(307, other.base + req.url));
  const tokens = { token: async () => 'secret-token', drop: () => {} };
  expect(await client({}, tokens).read('Patient', 'p1')).toMatchObject({ code: 'redirected', lasts: 'permanent' });
  expect(other.asked).toEqual([]);
  expect(hospital.authorizations).toEqual(['Bearer secret-token']);
});

test('a token that is not accepted is asked for anew, once', async () => {
  await hospital.put(patient('p1'));
  let given = 0;
  const tokens = { token: async () => `token-${given}`, drop: () => void given++ };
  hospital.before((req, res) => (req.get('authorization') === 'Bearer token-1' ? false : res.status(401).end()));
  expect(await client({}, tokens).read('Patient', 'p1')).toMatchObject({ kind: 'resource' });
  given = 5;
  expect(await client({}, tokens).read('Patient', 'p1')).toMatchObject({ code: 'answer-401' });
  expect(hospital.authorizations).toEqual(['token-0', 'token-1', 'token-5', 'token-6'].map((each) => `Bearer ${each}`));
});

test('asks no faster than agreed, pages included', async () => {
  for (const id of ['p1', 'p2', 'p3', 'p4', 'p5']) await hospital.put(patient(id));
  let now = NOW;
  const slept: number[] = [];
  const settings = { base: hospital.base, pageSize: 1, timeoutMilliseconds: 2000, maxAnswerBytes: 100_000 };
  const slow = createPullClient(
    { ...settings, requestsPerSecond: 2 },
    {
      fetch: (url, init) => fetch(url, init),
      clock: () => now,
      sleep: async (milliseconds) => {
        slept.push(milliseconds);
        now += milliseconds;
      },
      tokens: null,
    },
  );
  for await (const _ of slow.search('Patient', null));
  expect(slept).toEqual([500, 500, 500]);
  now += 250;
  await slow.read('Patient', 'p1');
  expect(slept).toEqual([500, 500, 500, 250]);
  now += 60_000;
  for (let n = 0; n < 3; n++) await slow.read('Patient', 'p1');
  expect(slept).toEqual([500, 500, 500, 250, 500]);
});
