import type { Ahead } from '../../../src/http/ehr/ahead/pool.ts';
import { openApi } from '../../../src/http/openapi/document.ts';
import { revokeClient } from '../../../src/pipeline/clients.ts';
import { eligiblePerson } from '../../feed/baseline.ts';
import * as b from '../../feed/builders.ts';
import { SITES } from '../../feed/sites.ts';
import { type Holder, newHolder } from '../clients.ts';
import { operationFor, operationsOf } from '../openapi-operations.ts';
import { openReader, reading } from '../reader.ts';
import { openWholeService, type WholeService, ZN_SECRET } from '../whole.ts';
import { bundleCases } from './bundle-cases.ts';
import type { OddRequest } from './case.ts';
import { deliveryCases } from './delivery-cases.ts';
import { headerCases } from './header-cases.ts';
import { jsonCases } from './json-cases.ts';
import { judge } from './judge.ts';
import { leaksIn, type Secrets, secretsOf } from './leaks.ts';
import { MARK } from './naughty.ts';
import { pathCases } from './path-cases.ts';
import { rawCases } from './raw-cases.ts';
import { type Answered, sendAll, sendRaw } from './send.ts';
import { shapeCases } from './shape-cases.ts';
import { LIMITS, sizeCases } from './size-cases.ts';
import { rowsOfSite, subjectsOf, tablesOf } from './tables.ts';
import { textCases } from './text-cases.ts';
import { assertionCases, bearerCases } from './token-cases.ts';

const SEED = process.env.BAD_INPUT_SEED ?? 'bad input';
/** Of the person at nf: nothing of it may be seen by anybody else. */
const NF_NAME = '祝融夜雪';

let ahead: Ahead;
let service: WholeService;
let ya: Holder;
let requests: OddRequest[];
let secrets: Secrets;
const answers: Answered[] = [];

beforeAll(async () => {
  const limits = Object.fromEntries(Object.entries(LIMITS).map(([name, value]) => [name, String(value)]));
  // Bundles of any length go to the thread first: what it cannot answer comes back.
  ahead = await reading(await openReader({ limits: LIMITS }));
  service = await openWholeService({ settings: limits, ahead });
  ya = await newHolder(service, { id: 'ehr-ya', site: 'ya' });
  const nf = await newHolder(service, { id: 'ehr-nf', site: 'nf' });
  const revoked = await newHolder(service, { id: 'ehr-revoked', site: 'ya' });
  const registry = await newHolder(service, { id: 'registry', kind: 'registry', registry: 'china' });
  const operator = await newHolder(service, { id: 'operator', kind: 'operator' });
  const { now } = service;
  service.now = now - 400_000;
  const expired = await newHolder(service, { id: 'ehr-late', site: 'ya' });
  service.now = now;
  await revokeClient(service.gateway, revoked.id);
  await seed('nf', 900, nf.token);
  await seed('ya', 901, ya.token);
  await service.screening.settled();
  const subjects = subjectsOf(service.file, 'nf');
  expect(subjects).toHaveLength(1);
  secrets = secretsOf(service.folder, [NF_NAME, 'nf-p-000900', 'NF-TEST-000900', '000-00000900', ...subjects]);
  const bad = {
    expired: expired.token,
    revoked: revoked.token,
    otherSite: nf.token,
    registry: registry.token,
    operator: operator.token,
  };
  requests = [
    ...jsonCases(),
    ...textCases(SEED),
    ...shapeCases(),
    ...sizeCases(),
    ...headerCases(),
    ...pathCases(),
    ...bundleCases(),
    ...deliveryCases(),
    ...(await assertionCases(service, ya, revoked)),
    ...bearerCases(ya.token, bad),
  ];
});
afterAll(async () => {
  await service.close();
  await ahead.close();
});

/** A person at a site, sent by its EHR. */
async function seed(site: 'nf' | 'ya', number: number, token: string): Promise<void> {
  const [patient, ...others] = eligiblePerson(b.feedContext(site, number, 'bad input'));
  const known = site === 'nf' ? { ...patient, name: [{ text: NF_NAME }] } : patient;
  for (const resource of [known, ...others] as { resourceType: string; id: string }[]) {
    const answer = await fetch(`${service.url}/ehr/${site}/fhir/${resource.resourceType}/${resource.id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

test('there are enough, and each has a name of its own', () => {
  expect(requests.length).toBeGreaterThanOrEqual(3_000);
  const names = requests.map(({ name }) => name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('what must be refused is refused as it must be, and writes nothing', async () => {
  const before = tablesOf(service.file);
  const refused = requests.filter(({ expected }) => expected.kind !== 'accepted');
  const answered = await sendAll(service.url, refused, ya.token);
  answers.push(...answered);
  expect(answered.flatMap((one) => judge(one) ?? [])).toEqual([]);
  await service.screening.settled();
  expect(tablesOf(service.file)).toEqual(before);
}, 180_000);

test('what is no HTTP, or lies about its length, is refused', async () => {
  const before = tablesOf(service.file);
  const all = rawCases(ya.token);
  const texts = await Promise.all(all.map((asked) => sendRaw(service.url, asked)));
  const faults = all.flatMap(({ name, statuses }, at) => {
    const text = texts[at]!;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
    return [
      ...(statuses.includes(status) ? [] : [`${status} ${text}`]),
      ...(status < 400 || text.includes('"resourceType":"OperationOutcome"') ? [] : ['no outcome']),
      ...leaksIn(text, secrets),
    ].map((fault) => `${name}: ${fault}`);
  });
  expect(faults).toEqual([]);
  expect(tablesOf(service.file)).toEqual(before);
});

test('what the standards allow is accepted, odd as it is', async () => {
  const before = tablesOf(service.file);
  const odd = requests.filter(({ expected }) => expected.kind === 'accepted');
  const answered = await sendAll(service.url, odd, ya.token);
  answers.push(...answered);
  expect(answered.flatMap((one) => judge(one) ?? [])).toEqual([]);
  await service.screening.settled();
  expect(tablesOf(service.file)).not.toEqual(before);
}, 180_000);

test('what is of nf can ya neither find nor change, by id or by identifier', async () => {
  const [theirs] = eligiblePerson(b.feedContext('nf', 900, 'bad input')) as unknown as [
    { id: string; identifier: object[] },
  ];
  const { identifier } = theirs;
  const patient = { resourceType: 'Patient', id: 'p-other', identifier, active: true };
  const condition = (subject: object) => ({ resourceType: 'Condition', id: 'c-other', subject, code: { text: 'x' } });
  const criteria = `identifier=${SITES.nf.mrnSystem}|NF-TEST-000900`;
  const minimal = { prefer: 'return=minimal' };
  const asks: [string, string, object | null, Record<string, string>, number][] = [
    ['POST', '/Patient', patient, { 'if-none-exist': criteria }, 201],
    ['PUT', `/Patient/${theirs.id}`, { ...patient, id: theirs.id }, { 'if-match': 'W/"1"' }, 412],
    ['PUT', `/Patient/${theirs.id}`, { ...patient, id: theirs.id }, {}, 201],
    ['PUT', '/Condition/c-other', condition({ reference: `Patient/${theirs.id}` }), {}, 201],
    ['PUT', '/Condition/c-other', condition({ identifier: identifier[0] }), {}, 200],
    ['DELETE', `/Patient/${theirs.id}`, null, {}, 204],
  ];
  const before = rowsOfSite(service.file, 'nf');
  for (const [method, path, body, headers, status] of asks) {
    const answer = await fetch(`${service.url}/ehr/ya/fhir${path}`, {
      method,
      headers: { ...minimal, ...headers, authorization: `Bearer ${ya.token}`, 'content-type': 'application/fhir+json' },
      body: body && JSON.stringify(body),
    });
    expect([path, answer.status]).toEqual([path, status]);
    expect(leaksIn(await answer.text(), secrets)).toEqual([]);
  }
  await service.screening.settled();
  expect(rowsOfSite(service.file, 'nf')).toEqual(before);
  expect(Object.values(before).filter((rows) => !rows.startsWith('0 ')).length).toBeGreaterThan(5);
});

test('the scan itself finds what it looks for', () => {
  const { folder } = service;
  const found = [new Error('x').stack!, 'SELECT body FROM t', 'SQLITE_BUSY', '/etc/passwd', folder, ZN_SECRET, NF_NAME];
  expect(found.filter((text) => leaksIn(text, secrets).length === 0)).toEqual([]);
});

test('no answer tells a stack, SQL, a path, a key, or anything of another site', () => {
  const leaks = answers.flatMap(({ asked, status, headers, text }) => {
    // Who sends something may read it again in the answer.
    const forms = status >= 400;
    return leaksIn(`${JSON.stringify(headers)}\n${text}`, secrets, forms).map((leak) => `${asked.name}: ${leak}`);
  });
  expect(leaks).toEqual([]);
});

test('neither does the log, nor any metric; there was no fault', async () => {
  const lines = [...service.logged, ...(await service.metrics.text()).split('\n')];
  expect(service.logged.length).toBeGreaterThan(requests.length);
  const texts = [ya.token, MARK, 'p-json', 'ya-p-000700', 'Set-Cookie'];
  const leaks = lines.flatMap((line) => {
    const told = [...leaksIn(line, secrets), ...texts.filter((text) => line.includes(text))];
    return told.map((leak) => `${leak}: ${line}`);
  });
  expect(leaks).toEqual([]);
  expect(service.logged.filter((line) => /"level":"(error|warn)"/.test(line))).toEqual([]);
});

test('every status of what is not FHIR is told in the OpenAPI document', () => {
  const operations = operationsOf(openApi(service.url));
  const seen = new Set<string>();
  const untold = answers.flatMap(({ asked, status }) => {
    const type = String(asked.headers?.['content-type'] ?? '');
    const operation = operationFor(operations, asked.method, asked.path, type);
    if (!operation) return [];
    seen.add(operation.operationId);
    return operation.responses[status] ? [] : [`${asked.name}: ${status}`];
  });
  expect(untold).toEqual([]);
  expect([...seen].sort()).toEqual([...operations.values()].map(({ operationId }) => operationId).sort());
});
