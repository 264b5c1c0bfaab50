import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Granted } from '../../src/release/lens.ts';
import { agreementOn, KEYRING, lensOf } from '../release/agreements.ts';
import { enrol, ownId, person, withdraw } from './people.ts';
import { openTestApi, START, type TestApi } from './service.ts';

// With the lens of an agreement, which shows nothing of somebody who has taken consent back.

const REGISTRY = 'Liver registry';
const AGREEMENT = agreementOn({
  registry: REGISTRY,
  purpose: ['omics'],
  resources: {
    Patient: ['gender'],
    ResearchSubject: ['status', 'study', 'individual'],
    Condition: ['clinicalStatus', 'verificationStatus', 'code', 'subject'],
  },
});
const granted = new Map<string, Granted>();
const grant = (number: number, purposes: Readonly<Record<string, number>>) => {
  granted.set(ownId(`subject-${number}`), new Map(Object.entries(purposes)));
  api.lenses.set(REGISTRY, lensOf(AGREEMENT, { granted: new Map(granted), now: START }));
};
const encrypt = (type: string, name: string) => KEYRING.of(REGISTRY).ids(type).encrypt(ownId(name));

let folder: string;
let api: TestApi;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exports-'));
  api = await openTestApi({ folder });
  granted.clear();
  await enrol(api.store, [person(1), person(2), person(3)], api.clock);
  grant(1, { data: Infinity, omics: Infinity });
  grant(2, { data: Infinity, omics: Infinity });
  // Never granted what this registry needs.
  grant(3, { data: Infinity });
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

/** The manifest of an export once it is done. */
async function exported(since?: string) {
  const headers = { prefer: 'respond-async' };
  const begun = await api.ask(`/$export${since ? `?_since=${since}` : ''}`, { headers });
  const path = begun.headers.get('content-location')!.slice(api.base.length);
  for (;;) {
    const answer = await api.ask(path);
    if (answer.status === 200) return answer.body;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const countsOf = (files: { type: string; count: number }[]) =>
  Object.fromEntries(files.map(({ type, count }) => [type, count]));
const read = async (type: string, name: string) => (await api.ask(`/${type}/${encrypt(type, name)}`)).status;

async function leave(number: number): Promise<void> {
  await withdraw(api.store, number, api.clock);
  const before = granted.get(ownId(`subject-${number}`))!;
  grant(number, Object.fromEntries([...before.keys()].map((purpose) => [purpose, -Infinity])));
}

test('what somebody who withdrew had shown is in the next export as deleted; what was never shown is not', async () => {
  const first = await exported();
  expect(countsOf(first.output)).toEqual({ Patient: 2, ResearchSubject: 2, Condition: 2 });
  await leave(2);
  await leave(3);
  const second = await exported(first.transactionTime);
  expect(second.output).toEqual([]);
  const bundles = await Promise.all(
    second.deleted.map(async ({ url }: { url: string }) => (await api.ask(url.slice(api.base.length))).text),
  );
  const gone = bundles.flatMap((text) =>
    (JSON.parse(text).entry as { request: { method: string; url: string } }[]).map(({ request }) => request),
  );
  expect(gone.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
    `DELETE Condition/${encrypt('Condition', 'condition-2')}`,
    `DELETE Patient/${encrypt('Patient', 'patient-2')}`,
    `DELETE ResearchSubject/${encrypt('ResearchSubject', 'subject-2')}`,
  ]);
  const third = await exported(second.transactionTime);
  expect([third.output, third.deleted]).toEqual([[], []]);
});

test('read: 410 where something was shown before, 404 where nothing was', async () => {
  await leave(2);
  await leave(3);
  expect(await read('Patient', 'patient-1')).toBe(200);
  expect(await read('Patient', 'patient-2')).toBe(410);
  expect(await read('Condition', 'condition-2')).toBe(410);
  expect(await read('ResearchSubject', 'subject-2')).toBe(410);
  expect(await read('Patient', 'patient-3')).toBe(404);
});

test('a purpose taken back alone: what stands is not shown any more, and told to be gone', async () => {
  grant(1, { data: Infinity, omics: -Infinity });
  expect([await read('Patient', 'patient-1'), await read('Patient', 'patient-3')]).toEqual([410, 404]);
});
