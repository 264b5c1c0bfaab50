import fc from 'fast-check';
import { eachWithService, type TestService } from './service.ts';

let service: TestService;
eachWithService((opened) => {
  service = opened;
});

const BASE = '/ehr/ya/fhir';
const patient = (year: number, meta?: object) => {
  return { resourceType: 'Patient', id: 'a', birthDate: `${year}-01-01`, ...(meta ? { meta } : {}) };
};
const dated = (at: string) => ({ lastUpdated: at });
const put = async (resource: object) => {
  const { status, headers, body } = await service.ask('PUT', `${BASE}/Patient/a`, resource);
  return [status, headers.get('etag'), body.issue?.[0].details.coding[0].code ?? body.birthDate];
};
const MORE = [1981, 1982, 1983, 1984, 1985, 1986, 1987, 1988];

describe('a request without lastUpdated makes the current version (R4, http.html#update)', () => {
  test('PUT after PUT: each counts, also within one instant; the same again changes nothing', async () => {
    expect(await put(patient(1980))).toEqual([201, 'W/"1"', '1980-01-01']);
    for (const [at, year] of MORE.entries())
      expect(await put(patient(year))).toEqual([200, `W/"${at + 2}"`, `${year}-01-01`]);
    expect(await put(patient(1988))).toEqual([200, 'W/"9"', 'unchanged']);
    service.now += 1000;
    expect(await put(patient(1988))).toEqual([200, 'W/"9"', 'unchanged']);
    expect(await put(patient(1980))).toEqual([200, 'W/"10"', '1980-01-01']);
  });

  test('after a dated version, and after a deletion', async () => {
    await put(patient(1980, dated('2025-05-01T00:00:00Z')));
    expect(await put(patient(1981))).toEqual([200, 'W/"2"', '1981-01-01']);
    expect(await put(patient(1980, dated('2025-05-01T00:00:00Z')))).toEqual([200, 'W/"2"', 'stale']);
    expect(await put(patient(1982, dated('2025-05-02T00:00:00Z')))).toEqual([200, 'W/"3"', '1982-01-01']);
    await service.ask('DELETE', `${BASE}/Patient/a`);
    expect(await put(patient(1983))).toEqual([200, 'W/"5"', '1983-01-01']);
  });

  test('a client that sends back what it was answered', async () => {
    const first = await service.ask('PUT', `${BASE}/Patient/a`, patient(1980));
    const second = await service.ask('PUT', `${BASE}/Patient/a`, { ...first.body, birthDate: '1981-01-01' });
    expect(second.body).toMatchObject({ birthDate: '1981-01-01', meta: { versionId: '2' } });
    service.now += 1000;
    expect(await put({ ...second.body, birthDate: '1982-01-01' })).toEqual([200, 'W/"3"', '1982-01-01']);
  });

  test.each(['transaction', 'batch'])('entries of a %s', async (type) => {
    for (const [at, year] of MORE.entries()) {
      const entry = [{ resource: patient(year), request: { method: 'PUT', url: 'Patient/a' } }];
      const { body } = await service.ask('POST', BASE, { resourceType: 'Bundle', type, entry });
      expect(body.entry[0].response.etag).toBe(`W/"${at + 1}"`);
    }
  });

  test('within one batch, the last entry', async () => {
    const entry = [
      ...[1980, 1981].map((year) => ({ resource: patient(year), request: { method: 'PUT', url: 'Patient/a' } })),
      { request: { method: 'DELETE', url: 'Patient/a' } },
    ];
    const send = () => service.ask('POST', BASE, { resourceType: 'Bundle', type: 'batch', entry });
    const etags = async () => (await send()).body.entry.map((one: { response: { etag: string } }) => one.response.etag);
    expect(await etags()).toEqual(['W/"1"', 'W/"2"', 'W/"3"']);
    expect(await etags()).toEqual(['W/"4"', 'W/"5"', 'W/"6"']);
    expect((await service.ask('DELETE', `${BASE}/Patient/a`)).headers.get('etag')).toBe('W/"6"');
  });

  test('what another order is said of keeps it: a number, lines, and Bundles that ask for nothing', async () => {
    await put(patient(1980, { versionId: '7' }));
    expect(await put(patient(1981, { versionId: '6' }))).toEqual([200, 'W/"1"', 'stale']);
    await put(patient(1982));
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient(1983) }] };
    const { body } = await service.ask('POST', BASE, bundle);
    expect(body.entry[0].response.outcome.issue[0].details.coding[0].code).toBe('stale');
    const lines = await service.ask('POST', BASE, `${JSON.stringify(patient(1984))}\n`, {
      headers: { 'content-type': 'application/fhir+ndjson' },
    });
    expect(JSON.parse(lines.text).issue[0].details.coding[0].code).toBe('stale');
  });
});

test('whatever is sent one after another, alone or in Bundles: the last counts, each change once', async () => {
  let person = 0;
  const step = fc.record({
    year: fc.option(fc.integer({ min: 1980, max: 1983 })),
    ways: fc.constantFrom('alone', 'in one'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const id = `p${++person}`;
      const url = `Patient/${id}`;
      const entries = steps.map(({ year }) =>
        year === null
          ? { request: { method: 'DELETE', url } }
          : { resource: { ...patient(year), id }, request: { method: 'PUT', url } },
      );
      for (let at = 0; at < steps.length; at++) {
        const together = [entries[at]!];
        while (steps[at]!.ways === 'in one' && at + 1 < steps.length) together.push(entries[++at]!);
        const [only] = together;
        if (together.length > 1)
          await service.ask('POST', BASE, { resourceType: 'Bundle', type: 'batch', entry: together });
        else await service.ask(only!.request.method, `${BASE}/${url}`, 'resource' in only! ? only.resource : undefined);
      }
      const years = steps.map(({ year }) => year);
      const changes = years.filter((year, at) => at === 0 || year !== years[at - 1]).length;
      const record = await service.gateway.store.read((tx) => tx.hospital.record({ site: 'ya', type: 'Patient', id }));
      expect([record!.revision, record!.deleted]).toEqual([changes, years.at(-1) === null]);
    }),
    { numRuns: 30 },
  );
});
