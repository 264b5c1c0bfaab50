import { startService, stopServices } from './service.ts';

afterEach(stopServices);

const ready = async (url: string) => {
  const answer = await fetch(`${url}/readyz`);
  return [answer.status, await answer.json()];
};

test('ready when every part is', async () => {
  const { url, health } = await startService();
  health.register('store', async () => null);
  expect(await ready(url)).toEqual([200, { ready: true, parts: { store: { ready: true } } }]);
});

test('not ready: says which part and why, by a code', async () => {
  const { url, health } = await startService();
  health.register('store', async () => {
    throw new Error('/srv/hospital/people.sqlite is gone');
  });
  health.register('keys', async () => 'key-missing');
  health.register('study', () => new Promise(() => {}));
  health.register('work', async () => null);
  expect(await ready(url)).toEqual([
    503,
    {
      ready: false,
      parts: {
        store: { ready: false, code: 'check-failed' },
        keys: { ready: false, code: 'key-missing' },
        study: { ready: false, code: 'check-timeout' },
        work: { ready: true },
      },
    },
  ]);
});

test('it lives while it is not ready', async () => {
  const { url, health } = await startService();
  health.register('store', async () => 'gone');
  const answer = await fetch(`${url}/livez`);
  expect([answer.status, await answer.json()]).toEqual([200, { live: true }]);
});

test('a part is registered once', async () => {
  const { health } = await startService();
  health.register('store', async () => null);
  expect(() => health.register('store', async () => null)).toThrow('registered twice');
});
