import { enrol, ownId, person, put, recordOf, withdraw } from './people.ts';
import { codeOf, openTestApi, type TestApi } from './service.ts';

const PEOPLE = [1, 2, 3, 4, 5].map((number) => person(number));
let api: TestApi;
beforeEach(async () => {
  api = await openTestApi();
  api.learn([...PEOPLE, person(9)]);
  await enrol(api.store, PEOPLE, api.clock);
});
afterEach(() => api.close());

interface Entry {
  fullUrl?: string;
  resource: { resourceType: string; id: string };
  search: { mode: string };
}
const matches = (body: { entry: Entry[] }) => body.entry.filter(({ search }) => search.mode === 'match');
const names = (entries: Entry[]) => entries.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
const linkOf = (body: { link: { relation: string; url: string }[] }, relation: string) =>
  body.link.find((one) => one.relation === relation)?.url;
/** Names of the matches of a query, of people by their number. */
const found = async (path: string) => names(matches((await api.ask(path)).body)).sort();
const of = (type: string, name: string, numbers: number[]) =>
  numbers.map((number) => `${type}/${api.id(type, `${name}-${number}`)}`).sort();
const patient = (number: number) => api.id('Patient', `patient-${number}`);

describe('parameters', () => {
  test.each<[string, string, number[]]>([
    ['everybody', 'Condition', [1, 2, 3, 4, 5]],
    ['a code', 'Condition?code=197321007', [2, 4]],
    ['a code of a system', 'Condition?code=http://snomed.info/sct|197321007', [2, 4]],
    ['any code of a system', 'Condition?code=http://snomed.info/sct|', [1, 2, 3, 4, 5]],
    ['a code of another system', 'Condition?code=http://loinc.org|197321007', []],
    ['a code without a system', 'Condition?code=|197321007', []],
    ['one of two codes', 'Condition?code=197321007,93469006', [1, 2, 3, 4, 5]],
    ['all but a code', 'Condition?code:not=197321007', [1, 3, 5]],
    ['two parameters', 'Condition?code=197321007&recorded-date=2025-05-14', [4]],
    ['a day', 'Condition?recorded-date=2025-05-12', [2]],
    ['from a day on', 'Condition?recorded-date=ge2025-05-14', [4, 5]],
    ['between two days', 'Condition?recorded-date=gt2025-05-11&recorded-date=lt2025-05-14', [2, 3]],
    ['not a day', 'Condition?recorded-date=ne2025-05-12', [1, 3, 4, 5]],
    ['up to a day', 'Condition?recorded-date=le2025-05-12', [1, 2]],
    ['after, and before', 'Condition?recorded-date=sa2025-05-12&recorded-date=eb2025-05-15', [3, 4]],
    ['a month is not within a day', 'Condition?onset-date=2025-05-12', []],
    ['a month touches a day', 'Condition?onset-date=ap2025-05-12', [1, 2, 3, 4, 5]],
    ['what has an element', 'Condition?onset-date:missing=false', [1, 2, 3, 4, 5]],
    ['what has none', 'Condition?onset-date:missing=true', []],
    ['without a value', 'Condition?code=', [1, 2, 3, 4, 5]],
  ])('%s', async (_, path, numbers) => {
    expect(await found(`/${path}`)).toEqual(of('Condition', 'condition', numbers));
  });

  test('references by id, type and id, address, and modifier', async () => {
    const wanted = of('Condition', 'condition', [2]);
    for (const value of [
      `patient=${patient(2)}`,
      `patient=Patient/${patient(2)}`,
      `subject=${api.base}/Patient/${patient(2)}`,
      `subject:Patient=${patient(2)}`,
    ])
      expect(await found(`/Condition?${value}`)).toEqual(wanted);
    expect(await found(`/Condition?patient=${patient(2)},${patient(3)}`)).toEqual(of('Condition', 'condition', [2, 3]));
    expect(await found(`/Condition?patient=${ownId('patient-2')}`)).toEqual([]);
    expect(await found(`/ResearchSubject?patient=${patient(2)}`)).toEqual(of('ResearchSubject', 'subject', [2]));
  });

  test('_id, identifier, _lastUpdated', async () => {
    const id = api.id('Specimen', 'specimen-3');
    expect(await found(`/Specimen?_id=${id}`)).toEqual([`Specimen/${id}`]);
    expect(await found(`/Specimen?_id=${id}&type=none`)).toEqual([]);
    expect(await found('/Specimen?identifier=https://study-gateway.example/sid/kit|KIT-3')).toEqual([`Specimen/${id}`]);
    const { body } = await api.ask(`/Specimen/${id}`);
    const later = await found(`/Specimen?_lastUpdated=gt${body.meta.lastUpdated}`);
    expect(later).toEqual(of('Specimen', 'specimen', [4, 5]));
  });

  test('by POST as a form, with what the address says', async () => {
    const answer = await api.ask('/Condition/_search?code=197321007', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `patient=${patient(2)}`,
    });
    expect(answer.status).toBe(200);
    expect(names(matches(answer.body))).toEqual(of('Condition', 'condition', [2]));
    expect((await api.ask('/Condition/_search', { method: 'POST', body: {} })).status).toBe(415);
  });

  test('only what the registry may see is looked into', async () => {
    const show = api.lens.show;
    api.lens.show = (resource, subject) => {
      const shown = show(resource, subject);
      return shown?.resourceType === 'Condition' ? { ...shown, recordedDate: '2025' } : shown;
    };
    expect(await found('/Condition?recorded-date=2025-05-12')).toEqual([]);
    expect(await found('/Condition?recorded-date=2025')).toHaveLength(5);
    api.lens.hidden.add(`Condition/${ownId('condition-2')}`);
    expect((await api.ask('/Condition')).body.total).toBe(4);
  });

  test('unknown ones are told of and left out of the link; refused when strict', async () => {
    const { status, body } = await api.ask('/Condition?code=197321007&stage=x&_sort=code');
    expect(status).toBe(200);
    expect(matches(body)).toHaveLength(2);
    const outcome = body.entry.at(-1);
    expect([outcome.search.mode, outcome.resource.issue.length, outcome.resource.issue[0].severity]).toEqual([
      'outcome',
      2,
      'warning',
    ]);
    expect(linkOf(body, 'self')).toBe(`${api.base}/Condition?code=197321007`);
    const strict = await api.ask('/Condition?stage=x', { headers: { prefer: 'handling=strict' } });
    expect([strict.status, codeOf(strict.body)]).toEqual([400, 'parameter-unknown']);
  });

  test.each([
    ['/Condition?recorded-date=soon', 'parameter-value'],
    ['/Condition?recorded-date=2025-02-30', 'parameter-value'],
    ['/Condition?code=|', 'parameter-value'],
    ['/Condition?patient=a/b/c', 'parameter-value'],
    ['/Condition?code:missing=maybe', 'parameter-value'],
    ['/Condition?code:in=x', 'parameter-modifier'],
    ['/Condition?recorded-date:not=2025', 'parameter-modifier'],
    ['/Condition?subject:Group=x', 'parameter-modifier'],
    ['/Condition?_count=some', 'parameter-value'],
    ['/Condition?_summary=short', 'parameter-value'],
    ['/Condition?_total=all', 'parameter-value'],
    ['/Condition?_elements=a%20b', 'parameter-value'],
    ['/Condition?_cursor=1.none', 'cursor'],
  ])('%s is refused, strict or not', async (path, code) => {
    const answer = await api.ask(path);
    expect([answer.status, codeOf(answer.body)]).toEqual([400, code]);
  });
});

describe('pages', () => {
  const walk = async (path: string, between: (page: number) => Promise<void> = async () => {}) => {
    const seen: string[] = [];
    let url: string | undefined = path;
    for (let page = 1; url; page++) {
      const { body }: { body: { entry: Entry[]; link: { relation: string; url: string }[] } } = await api.ask(url);
      seen.push(...names(matches(body)));
      url = linkOf(body, 'next');
      await between(page);
    }
    return seen;
  };

  test('lead through everything once', async () => {
    const all = await walk('/Observation?_count=2');
    expect(all).toHaveLength(5);
    expect([...all].sort()).toEqual(of('Observation', 'observation', [1, 2, 3, 4, 5]));
    expect(await walk(`/Condition?patient=${patient(1)},${patient(2)},${patient(4)}&_count=1`)).toHaveLength(3);
  });

  test('show what stood when the first was asked for, but for what has gone since', async () => {
    const all = await walk('/Observation?_count=1', async (page) => {
      if (page !== 1) return;
      await enrol(api.store, [person(9)], api.clock);
      await withdraw(api.store, 3, api.clock);
      const changed = recordOf(person(2)).find((one) => one.resourceType === 'Observation')!;
      await api.store.withTransaction((tx) =>
        put(tx, { ...changed, status: 'corrected' }, ownId('subject-2'), new Date(api.clock()).toISOString()),
      );
    });
    const first = all[0]!;
    const left = of('Observation', 'observation', [1, 2, 4, 5]);
    expect([...all].sort()).toEqual([...new Set([first, ...left])].sort());
  });

  test('a page holds what was asked for; one that holds all says how many', async () => {
    const whole = await api.ask('/Observation');
    expect([whole.body.total, linkOf(whole.body, 'next')]).toEqual([5, undefined]);
    const first = await api.ask('/Observation?_count=2');
    expect([first.body.total, matches(first.body).length]).toEqual([undefined, 2]);
    const counted = await api.ask('/Observation?_count=2&_total=accurate&code=1742-6');
    expect(counted.body.total).toBe(5);
    for (const query of ['_summary=count', '_count=0']) {
      const { body } = await api.ask(`/Observation?${query}&code=1742-6`);
      expect([body.total, body.entry]).toEqual([5, []]);
    }
  });

  test('a long walk without a match leads on', async () => {
    await api.store.withTransaction(async ({ study }) => {
      const body = (id: string) => JSON.stringify({ resourceType: 'Procedure', id, status: 'preparation' });
      for (let n = 0; n < 5_300; n++) {
        const id = ownId(`many-${n}`);
        api.lens.learn('Procedure', id);
        const row = { type: 'Procedure', id, subject: ownId('subject-1'), version: 1, deleted: false, body: body(id) };
        await study.putResearch({ ...row, lastUpdated: new Date(api.clock()).toISOString() });
      }
    });
    const { body } = await api.ask('/Procedure?status=completed&_count=10');
    expect(matches(body).length).toBeLessThan(6);
    expect(linkOf(body, 'next')).toBeDefined();
    expect(await walk('/Procedure?status=completed&_count=10')).toHaveLength(5);
    expect((await api.ask('/Procedure?status=completed&_summary=count')).body.total).toBe(5);
  });
});

describe('what comes along', () => {
  const along = (body: { entry: Entry[] }) =>
    names(body.entry.filter(({ search }) => search.mode === 'include')).sort();

  test('_include and _revinclude, each once', async () => {
    const { body } = await api.ask(
      `/Observation?patient=${patient(2)}&_include=Observation:subject&_include=Observation:patient&_include=Observation:specimen&_revinclude=DiagnosticReport:result&_revinclude=Provenance:target`,
    );
    expect(along(body)).toEqual(
      [
        `Patient/${patient(2)}`,
        ...of('Specimen', 'specimen', [2]),
        ...of('DiagnosticReport', 'report', [2]),
        `Provenance/${api.lens.registryId('Provenance', ownId(`provenance-${ownId('observation-2')}`))}`,
      ].sort(),
    );
    expect(matches(body)).toHaveLength(1);
  });

  test('only what token and agreement cover', async () => {
    const query = `/Observation?patient=${patient(2)}&_include=Observation:subject&_revinclude=DiagnosticReport:result`;
    expect(along((await api.ask(query, { scopes: 'system/Observation.rs' })).body)).toEqual([]);
    api.lens.types.delete('Patient');
    expect(along((await api.ask(query)).body)).toEqual(of('DiagnosticReport', 'report', [2]));
    api.lens.hidden.add(`DiagnosticReport/${ownId('report-2')}`);
    expect(along((await api.ask(query)).body)).toEqual([]);
  });

  test('those that are not named are unknown parameters', async () => {
    for (const value of [
      '_include=Observation:performer',
      '_include=*',
      '_include=Patient:link',
      '_revinclude=Task:focus',
    ]) {
      const strict = await api.ask(`/Observation?${value}`, { headers: { prefer: 'handling=strict' } });
      expect([value, strict.status]).toEqual([value, 400]);
    }
  });
});

test('groups: the study, its sites and arms; neither members nor numbers', async () => {
  const { body } = await api.ask('/Group');
  expect(body.entry.map((one: Entry) => one.resource.id)).toEqual([
    ...['nct07265544', 'site-nf', 'site-ya', 'site-bf', 'site-zn', 'site-gz'],
    ...['arm-Normal', 'arm-FattyLiver', 'arm-Fibrosis', 'arm-HBV'],
  ]);
  expect((await api.ask('/Group?_id=arm-HBV')).body.total).toBe(1);
  expect((await api.ask('/Group/arm-HBV')).body).toEqual({
    resourceType: 'Group',
    id: 'arm-HBV',
    active: true,
    type: 'person',
    actual: true,
    name: 'Participants of the arm HBV',
  });
  expect((await api.ask('/Group/arm-none')).status).toBe(404);
  api.lens.types.delete('Group');
  expect((await api.ask('/Group')).status).toBe(403);
});
