import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backOff } from '../../src/jobs/back-off.ts';
import { type Hospital, openHospital } from '../pull/hospital.ts';
import { openService, type Service, START } from './service.ts';

let hospital: Hospital;
let service: Service;
beforeEach(async () => {
  hospital = await openHospital();
  for (const id of ['p1', 'p2', 'p3']) await hospital.put({ resourceType: 'Patient', id });
  service = await openService({ connection: { base: hospital.base } });
});
afterEach(async () => {
  await service.close();
  await hospital.close();
});

const hint = (...ids: string[]) =>
  Promise.all(ids.map((id) => service.deliver(null, { method: 'PUT', path: `/Patient/${id}` })));
const later = (milliseconds: number) => new Date(START + milliseconds).toISOString();
const waiting = async () =>
  (await service.work('waiting')).map(({ target, notBefore, lastErrorCode }) => [target, notBefore, lastErrorCode]);

test('429 with Retry-After: the site rests just so long, and nothing is lost', async () => {
  let limited = true;
  hospital.before((_, res) => (limited ? res.status(429).set('Retry-After', '90').json({}) : false));
  await hint('p1', 'p2');
  expect(await service.runner.drain()).toBe(1);
  const [first, second] = await waiting();
  expect(first).toEqual([expect.any(String), later(90_000), 'answer-429']);
  expect(second).toEqual([expect.any(String), later(0), null]);
  service.time.now = START + 89_999;
  expect(await service.runner.drain()).toBe(0);
  expect(hospital.asked).toHaveLength(1);
  limited = false;
  service.time.now = START + 90_000;
  expect(await service.runner.drain()).toBe(2);
  expect(await service.targets('done')).toHaveLength(2);
  expect(service.events.map(({ outcome, code }) => [outcome, code])).toEqual([
    ['put-off', 'answer-429'],
    ['done', null],
    ['done', null],
  ]);
});

test('a fault of the server puts off the piece with growing waits, not the others', async () => {
  hospital.before((req, res) => (req.url.startsWith('/Patient/p1') ? res.status(500).end() : false));
  await hint('p1');
  const waits: number[] = [];
  for (let n = 0; n < 11; n++) {
    await service.runner.drain();
    const [row] = await service.work('waiting');
    waits.push(Date.parse(row!.notBefore) - service.time.now);
    service.time.now = Date.parse(row!.notBefore);
  }
  expect(waits).toEqual([1.5, 3, 6, 12, 24, 48, 96, 192, 384, 675, 675].map((seconds) => seconds * 1000));
  await hint('p2');
  service.time.now -= 1;
  expect(await service.runner.drain()).toBe(0);
  service.time.now += 1;
  await service.runner.drain();
  expect(await service.targets('done')).toEqual(['Patient/p2']);
});

test('the wait is half by chance', () => {
  expect([backOff(1, 0), backOff(1, 1), backOff(3, 0), backOff(3, 1)]).toEqual([1000, 2000, 4000, 8000]);
  expect([backOff(10_000, 0), backOff(10_000, 1)]).toEqual([450_000, 900_000]);
});

test('what is permanent ends as failed, with its code, and goes once it succeeds', async () => {
  let refuses = true;
  hospital.before((req, res) => (refuses && req.url === '/Patient/p1' ? res.status(403).json({}) : false));
  await hint('p1', 'p2');
  expect(await service.runner.drain()).toBe(2);
  expect(await service.work('failed')).toMatchObject([
    { target: 'Patient/p1', lastErrorCode: 'answer-403', attempts: 1 },
  ]);
  service.time.now += 86_400_000;
  expect(await service.runner.drain()).toBe(0);
  refuses = false;
  await hint('p1');
  await service.runner.drain();
  expect(await service.work('failed')).toEqual([]);
});

test('what is wrong with the whole connection fails nothing: all of it waits', async () => {
  hospital.before((_, res) => res.status(401).json({}));
  await hint('p1', 'p2', 'p3');
  expect(await service.runner.drain()).toBe(1);
  expect(await service.targets('failed')).toEqual([]);
  expect((await waiting())[0]).toEqual([expect.any(String), later(900_000), 'answer-401']);
  hospital.before(() => false);
  service.time.now += 900_000;
  expect(await service.runner.drain()).toBe(3);
});

test('a page that lies elsewhere fails the search; what came before it is kept', async () => {
  await service.deliver(null);
  hospital.before((req, res) => {
    if (!req.url.startsWith('/Patient?')) return false;
    const link = [{ relation: 'next', url: 'http://evil.example/fhir/Patient?page=2' }];
    return res.json({
      resourceType: 'Bundle',
      type: 'searchset',
      link,
      entry: [{ resource: { resourceType: 'Patient', id: 'p1' } }],
    });
  });
  await service.runner.drain();
  expect(await service.work('failed')).toMatchObject([{ target: 'Patient', lastErrorCode: 'next-link-foreign' }]);
  expect(await service.record('Patient', 'p1')).not.toBeNull();
  expect(await service.targets('done')).toEqual(['Condition']);
});

test('a fault of ours puts the piece off, with its error for the log', async () => {
  const { arrive } = service;
  service.arrive = () => Promise.reject(new Error('disk full'));
  await hint('p1');
  await service.runner.drain();
  expect(await waiting()).toEqual([['Patient/p1', later(1500), 'internal']]);
  expect(service.events).toMatchObject([{ outcome: 'put-off', code: 'internal', error: { message: 'disk full' } }]);
  service.arrive = arrive;
  service.time.now += 1500;
  await service.runner.drain();
  expect(await service.record('Patient', 'p1')).not.toBeNull();
});

test('stopped: what was begun is finished, nothing more is claimed', async () => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    hospital.before((_, res) => {
      answer = () => void res.json({ resourceType: 'Patient', id: 'p1' });
      resolve();
    });
  });
  await hint('p1');
  await hint('p2');
  const drained = service.runner.drain();
  await asked;
  const stopped = service.runner.stop();
  answer();
  await stopped;
  expect(await drained).toBe(1);
  expect(await service.targets('done')).toEqual(['Patient/p1']);
  expect(await service.targets('waiting')).toEqual(['Patient/p2']);
});

test('done work is forgotten after a day, failed work after ninety', async () => {
  hospital.before((req, res) => (req.url === '/Patient/p1' ? res.status(403).json({}) : false));
  await hint('p1', 'p2');
  await service.runner.drain();
  const kept = async () => [await service.targets('done'), await service.targets('failed')];
  for (const [days, expected] of [
    [1, [['Patient/p2'], ['Patient/p1']]],
    [1.1, [[], ['Patient/p1']]],
    [90, [[], ['Patient/p1']]],
    [90.1, [[], []]],
  ] as const) {
    service.time.now = START + days * 86_400_000;
    await service.runner.drain();
    expect(await kept()).toEqual(expected);
  }
});

test('a runner that died between reading and done: its work waits again and is done again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pull-'));
  const file = join(folder, 'gateway.sqlite');
  await service.close();
  service = await openService({ connection: { base: hospital.base }, file });
  await hint('p1', 'p2');
  // It has taken the resource in, and dies before it can say so.
  const { arrive } = service;
  const dead = new Promise<void>((resolve) => {
    service.arrive = async (...given) => {
      await arrive(...given);
      resolve();
      return new Promise(() => {});
    };
  });
  void service.runner.drain();
  await dead;
  expect(await service.targets('claimed')).toHaveLength(1);
  await service.close();

  service = await openService({ connection: { base: hospital.base }, file });
  expect(await service.runner.recover()).toBe(1);
  expect(await service.runner.drain()).toBe(2);
  expect(await service.targets('claimed')).toEqual([]);
  expect((await service.targets('done')).sort()).toEqual(['Patient/p1', 'Patient/p2']);
  expect(await service.gateway.store.withTransaction((tx) => tx.hospital.recordsOf('ya', ['p1', 'p2']))).toHaveLength(
    2,
  );
  rmSync(folder, { recursive: true });
});
