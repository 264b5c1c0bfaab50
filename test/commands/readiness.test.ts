import { join } from 'node:path';
import { registerParts } from '../../src/commands/readiness.ts';
import { isKeyRefusal } from '../../src/identity/key-refusal.ts';
import { openKeys } from '../../src/identity/keys.ts';
import { createHealth } from '../../src/operations/health.ts';
import { folder, openTestGateway } from '../pipeline/gateway.ts';

type TestGateway = Awaited<ReturnType<typeof openTestGateway>>;

/** The parts that are not ready, with the reason. */
async function broken(gateway: TestGateway, stopping = new AbortController().signal) {
  const health = createHealth(10_000);
  registerParts(health, gateway, stopping);
  const { parts } = await health.report();
  return Object.fromEntries(Object.entries(parts).flatMap(([part, { ready, code }]) => (ready ? [] : [[part, code]])));
}

test('whole, stopping, without its key, with unreadable maps, without its store', async () => {
  const gateway = await openTestGateway();
  expect(await broken(gateway)).toEqual({});
  expect(await broken(gateway, AbortSignal.abort())).toEqual({ service: 'stopping' });
  const keys = await openKeys(join(await folder(), 'other'), gateway.keys.study);
  if (isKeyRefusal(keys)) throw new Error(keys.message);
  // The first use binds the store to the keys it was opened with.
  expect(await broken({ ...gateway, keys })).toEqual({ keys: 'key-missing' });
  const research = () => Promise.reject(new Error('a map has mistakes'));
  expect(await broken({ ...gateway, research })).toEqual({ study: 'check-failed' });
  await gateway.store.close();
  expect(await broken(gateway)).toEqual({ store: 'check-failed', keys: 'check-failed' });
});
