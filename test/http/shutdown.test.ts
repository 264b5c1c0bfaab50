import { connect } from 'node:net';
import { Router } from 'express';
import { sendFhir } from '../../src/http/respond.ts';
import { startService, stopServices } from './service.ts';

afterEach(stopServices);

/** An area whose one route waits until it is let go. */
function waiting() {
  let begun = () => {};
  let letGo = () => {};
  const atWork = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const router = Router();
  router.post('/', async (_req, res) => {
    begun();
    await free;
    sendFhir(res, 201, {});
  });
  router.post('/lines', async (_req, res) => {
    res.write('first ');
    begun();
    await free;
    res.end('last');
  });
  return { atWork, letGo, areas: () => [{ mount: '/work', router }] };
}

test('what was begun is finished, then the store is closed; nobody else gets in', async () => {
  const { atWork, letGo, areas } = waiting();
  const order: string[] = [];
  const closers = ['jobs', 'store'].map((name) => async () => {
    order.push(name);
  });
  const service = await startService({ areas, closers });
  const answer = fetch(`${service.url}/work`, { method: 'POST' });
  await atWork;
  const closed = service.close();
  expect(service.close()).toBe(closed);
  await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
  expect(order).toEqual([]);
  letGo();
  expect((await answer).status).toBe(201);
  expect((await answer).headers.get('connection')).toBe('close');
  expect(await closed).toBe(true);
  expect(order).toEqual(['jobs', 'store']);
  expect(service.lines.map((line) => JSON.parse(line).event)).toEqual(['listening', 'stopping', 'request', 'stopped']);
});

test('what does not finish in time is broken off', async () => {
  const { atWork, letGo, areas } = waiting();
  const service = await startService({ areas, settings: { shutdownSeconds: 0.05 } });
  const answer = fetch(`${service.url}/work`, { method: 'POST' });
  const broken = expect(answer).rejects.toThrow();
  await atWork;
  expect(await service.close()).toBe(false);
  await broken;
  letGo();
  await new Promise(setImmediate);
  const events = service.lines.map((line) => JSON.parse(line).event);
  expect(events).toContain('stopped-late');
  expect(events).toContain('request-cut');
});

test('connections on which nothing happens hold nothing up', async () => {
  const service = await startService({ settings: { shutdownSeconds: 60 } });
  await (await fetch(`${service.url}/livez`)).text();
  const { hostname, port } = new URL(service.url);
  const silent = connect(Number(port), hostname);
  await new Promise((resolve) => silent.once('connect', resolve));
  const cut = new Promise((resolve) => silent.once('close', resolve));
  silent.on('error', () => {});
  expect(await service.close()).toBe(true);
  await cut;
});

test('an answer that has begun is finished; its connection, which was to be kept, is closed then', async () => {
  const { atWork, letGo, areas } = waiting();
  const service = await startService({ areas, settings: { shutdownSeconds: 2 } });
  const answer = await fetch(`${service.url}/work/lines`, { method: 'POST' });
  await atWork;
  expect(answer.headers.get('connection')).toBe('keep-alive');
  const closed = service.close();
  letGo();
  expect(await answer.text()).toBe('first last');
  expect(await closed).toBe(true);
});

test('a port that is taken is told as an error of the system', async () => {
  const { url } = await startService();
  await expect(startService({ settings: { port: Number(new URL(url).port) } })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('the public URL is the one given, else where it listens', async () => {
  const settings = { publicUrl: 'https://gateway.example' };
  expect((await startService({ settings })).publicUrl).toBe('https://gateway.example');
  const { url, publicUrl } = await startService();
  expect(publicUrl).toBe(url);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});
