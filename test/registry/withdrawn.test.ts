import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { addClient } from '../../src/pipeline/clients.ts';
import { keepGranted } from '../../src/pipeline/granted.ts';
import { createLensDesk } from '../../src/pipeline/lens-desk.ts';
import { newSigner } from '../auth/signer.ts';
import { agreementOn, KEYRING } from '../release/agreements.ts';
import { type BulkClient, bulkClient, type Manifest } from './bulk-client.ts';
import { enrol, ownId, person, put, recordOf, withdraw } from './people.ts';
import { codeOf, openTestApi, type TestApi } from './service.ts';

// With the lens of an agreement, which shows nothing of somebody who has taken consent back.

const REGISTRY = 'Liver registry';
const AGREEMENT = agreementOn({
  registry: REGISTRY,
  purpose: ['omics'],
  resources: {
    Patient: ['gender'],
    ResearchSubject: ['status', 'study', 'individual'],
    Condition: ['clinicalStatus', 'verificationStatus', 'code', 'subject'],
    Specimen: { elements: ['status', 'subject', 'extension(specimen-hold)'], purpose: ['blood'] },
  },
});
const ALL = { data: null, omics: null, blood: null };
const id = (type: string, name: string) => KEYRING.of(REGISTRY).ids(type).encrypt(ownId(name));
const nameOf = (type: string, number: number) => {
  const name = type === 'ResearchSubject' ? 'subject' : type.toLowerCase();
  return `${type}/${id(type, `${name}-${number}`)}`;
};
/** Names of all that the agreement covers of a person. */
const allOf = (number: number) =>
  ['Condition', 'Patient', 'ResearchSubject', 'Specimen'].map((type) => nameOf(type, number)).sort();

let folder: string;
let api: TestApi;
let client: BulkClient;
// Everything made here, and everything made in a thread.
describe.each([1_000, 0])('a thread after %d rows', (threadRows) => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exports-'));
    const study = { id: 'nct07265544', timezone: 'Asia/Shanghai' };
    const agreements = new Map([[AGREEMENT.id, AGREEMENT]]);
    api = await openTestApi({
      ...{ folder, threadRows },
      lensDesk: (store, clock) => createLensDesk({ store, agreements, keyring: KEYRING, study, clock }),
    });
    await enrol(api.store, [person(1), person(2), person(3)], api.clock);
    await grant(1, ALL);
    await grant(2, ALL);
    // Never granted what this registry needs.
    await grant(3, { data: null });
    const signer = await newSigner('ES384', 'k1');
    const added = { id: 'registry-1', name: 'A registry', kind: 'registry', site: null, registry: REGISTRY } as const;
    const keys = { jwks: { keys: [signer.jwk] } };
    const desk = { store: api.store, clock: api.clock, actor: 'test' };
    await addClient(desk, { ...added, scopes: 'system/*.rs', keys } as Parameters<typeof addClient>[1]);
    client = bulkClient({ url: api.url, client: 'registry-1', signer, clock: api.clock });
  });
  afterEach(async () => {
    await api.close();
    await rm(folder, { recursive: true, force: true });
    expect(api.faults).toEqual([]);
  });

  /** What a person has granted from now on. */
  async function grant(number: number, purposes: Record<string, string | null>): Promise<void> {
    const at = new Date(api.clock()).toISOString();
    await api.store.withTransaction((tx) => keepGranted(tx, ownId(`subject-${number}`), purposes, at));
  }
  async function leave(number: number): Promise<void> {
    await withdraw(api.store, number, api.clock);
    await grant(number, {});
  }
  const exported = (since?: Manifest) => client.export('/$export', since ? { _since: since.transactionTime } : {});
  const namesIn = async (files: Manifest['output']) =>
    (await client.read(files)).map(({ resourceType, id }) => `${resourceType}/${id}`).sort();
  const goneIn = async ({ deleted }: Manifest) =>
    (await client.read(deleted))
      .flatMap((bundle) => (bundle.entry as { request: { url: string } }[]).map(({ request }) => request.url))
      .sort();
  const told = async (manifest: Manifest) => [await namesIn(manifest.output), await goneIn(manifest)];
  /** Where the file of Patients is, of an export by the client that `ask` speaks for. */
  async function patientsFile(): Promise<string> {
    const begun = await api.ask('/$export', { headers: { prefer: 'respond-async' } });
    await api.exports.settled();
    const { body } = await api.ask(begun.headers.get('content-location')!);
    return body.output.find(({ type }: { type: string }) => type === 'Patient').url;
  }
  const read = async (type: string, number: number) => (await api.ask(`/${nameOf(type, number)}`)).status;

  test('what somebody who withdrew had shown is in the next export as deleted; what was never shown is not', async () => {
    const first = await exported();
    expect(await told(first)).toEqual([[...allOf(1), ...allOf(2)].sort(), []]);
    await leave(2);
    await leave(3);
    const second = await exported(first);
    expect(await told(second)).toEqual([[], allOf(2)]);
    expect(await told(await exported(second))).toEqual([[], []]);
  });

  test('a purpose of everything taken back while others stay: all that was shown is deleted, once', async () => {
    const first = await exported();
    await grant(1, { data: null, blood: null });
    await grant(3, { data: null, blood: null });
    const second = await exported(first);
    expect(await told(second)).toEqual([[], allOf(1)]);
    expect(await told(await exported(second))).toEqual([[], []]);
    // One that begins before it tells it again.
    expect(await goneIn(await exported(first))).toEqual(allOf(1));
  });

  test('a purpose of some resources taken back: these alone; granted again they come again, unchanged as they are', async () => {
    const first = await exported();
    await client.follow(first);
    await grant(2, { data: null, omics: null });
    const second = await exported(first);
    expect(await told(second)).toEqual([[], [nameOf('Specimen', 2)]]);
    await client.follow(second);
    await grant(2, ALL);
    await grant(3, ALL);
    const third = await exported(second);
    expect(await told(third)).toEqual([[nameOf('Specimen', 2), ...allOf(3)].sort(), []]);
    await client.follow(third);
    expect([...client.copy.keys()].sort()).toEqual([...allOf(1), ...allOf(2), ...allOf(3)].sort());
    // What was taken back and granted again in between is no news.
    expect(await told(await exported(first))).toEqual([allOf(3), []]);
  });

  test('a purpose that ends by itself: what it covered is deleted', async () => {
    await grant(1, { ...ALL, omics: new Date(api.clock() + 60_000).toISOString() });
    const first = await exported();
    api.wait(120_000);
    expect(await told(await exported(first))).toEqual([[], allOf(1)]);
  });

  test('what changed after its purpose was taken back was told before, and is not told again', async () => {
    const first = await exported();
    await grant(1, { data: null, omics: null });
    const second = await exported(first);
    const specimen = recordOf(person(1)).find(({ resourceType }) => resourceType === 'Specimen') as FhirResource;
    await api.store.withTransaction((tx) =>
      put(tx, { ...specimen, status: 'unavailable' }, ownId('subject-1'), new Date(api.clock()).toISOString()),
    );
    expect(await told(await exported(second))).toEqual([[], []]);
  });

  test('files made before a purpose was taken back are given no more; one that it does not ask for changes nothing', async () => {
    const first = await patientsFile();
    const given = async (url: string) => {
      const { status, body } = await api.ask(url);
      return status === 200 ? status : [status, codeOf(body)];
    };
    await grant(1, { ...ALL, abroad: null });
    await grant(1, ALL);
    expect(await given(first)).toBe(200);
    await grant(1, { data: null, omics: null });
    expect(await given(first)).toEqual([410, 'withdrawn-since']);
    expect(await given(await patientsFile())).toBe(200);
  });

  test('read: 410 where something was shown before, 404 where nothing was', async () => {
    await leave(2);
    await leave(3);
    expect(await read('Patient', 1)).toBe(200);
    expect(await read('Patient', 2)).toBe(410);
    expect(await read('Condition', 2)).toBe(410);
    expect(await read('ResearchSubject', 2)).toBe(410);
    expect(await read('Patient', 3)).toBe(404);
  });

  test('a purpose taken back alone: what stands is not shown any more, and told to be gone', async () => {
    await grant(1, { data: null, blood: null });
    expect([await read('Patient', 1), await read('Patient', 3)]).toEqual([410, 404]);
  });
});
