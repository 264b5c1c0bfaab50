import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { openReader, reading } from './reader.ts';
import { openTestService, type TestService } from './service.ts';

let service: TestService;
let thread: Awaited<ReturnType<typeof reading>>;
beforeAll(async () => {
  thread = await reading(await openReader());
});
afterAll(() => thread.close());
beforeEach(async () => {
  service = await openTestService({ ahead: thread });
  for (const one of eligiblePerson(b.feedContext('ya', 1, 'made here')))
    await service.ask('PUT', `${BASE}/${one.resourceType}/${one.id}`, one);
  await service.screening.settled();
});
afterEach(async () => {
  await service.close();
  expect(service.faults).toEqual([]);
});

const BASE = '/ehr/ya/fhir';
const codeOf = (outcome: { issue: { details: { coding: { code: string }[] } }[] }) =>
  outcome.issue[0]!.details.coding[0]!.code;

describe('what is made here is neither replaced nor deleted by a hospital (R4, http.html#delete: 405)', () => {
  test.each(['ResearchSubject', 'List'])('%s', async (type) => {
    const { body } = await service.ask('GET', `${BASE}/${type}`);
    const { resource } = body.entry[0];
    const path = `${BASE}/${type}/${resource.id}`;
    for (const [method, sent] of [
      ['PUT', resource],
      ['DELETE', undefined],
    ] as const) {
      const { status, headers, body } = await service.ask(method, path, sent);
      expect([method, status, headers.get('allow'), codeOf(body)]).toEqual([method, 405, 'GET, HEAD', 'made-here']);
    }
    expect((await service.ask('GET', path)).body).toEqual(resource);
    for (const size of ['', ' '.repeat(20_000)]) {
      const request = { method: 'DELETE', url: `${type}/${resource.id}` };
      const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ request }] };
      const { status, body } = await service.ask('POST', BASE, JSON.stringify(bundle) + size);
      expect([status, codeOf(body), body.issue[0].expression]).toEqual([
        ...[405, 'made-here', ['Bundle.entry[0].request.url']],
      ]);
    }
  });

  test('the hospital’s own are its own, and those of other sites unknown', async () => {
    expect((await service.ask('DELETE', `${BASE}/List/theirs`)).status).toBe(204);
    const { id } = (await service.ask('GET', `${BASE}/ResearchSubject`)).body.entry[0].resource;
    expect((await service.ask('DELETE', `/ehr/nf/fhir/ResearchSubject/${id}`, undefined, { site: 'nf' })).status).toBe(
      204,
    );
    expect(
      (await service.ask('DELETE', `${BASE}/ResearchSubject/${id}`, undefined, { scopes: 'system/*.cr' })).status,
    ).toBe(403);
  });
});
