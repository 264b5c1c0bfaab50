import { startDelivery } from '../../src/commands/delivery-side.ts';
import type { Target } from '../../src/delivery/target.ts';
import { clientForTarget } from '../../src/jobs/target-clients.ts';
import { createLog } from '../../src/operations/log.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { withOutboxBell } from '../../src/pipeline/outbox-bell.ts';
import { ndjson, openTestGateway, runOver } from '../pipeline/gateway.ts';
import { type FhirServer, openFhirServer } from './server.ts';
import { person, targetAt, theirs } from './world.ts';

let [fast, slow]: FhirServer[] = [];
beforeEach(async () => {
  [fast, slow] = [await openFhirServer(), await openFhirServer()];
});
afterEach(async () => {
  await fast!.close();
  await slow!.close();
});

/** A gateway whose deliveries run as in the service, but never look without being woken. */
async function started(targets: Target[]) {
  const plain = await openTestGateway(':memory:', { research: true });
  const rung: string[] = [];
  let wake = (_target: string) => {};
  const store = withOutboxBell(plain.store, (target) => {
    rung.push(target);
    wake(target);
  });
  const gateway: Gateway = { ...plain, store, targets };
  const [metrics, lines] = [createMetrics(), [] as string[]];
  const log = createLog('info', { write: (line: string) => void lines.push(line) }, gateway.clock);
  const secrets = { token: null, secret: null, clientKey: null };
  let asleep = 0;
  const sleep = (_: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      asleep++;
      signal.addEventListener('abort', () => {
        asleep--;
        resolve();
      });
    });
  const clients = targets.map((target) => ({ target, client: clientForTarget(target, secrets) }));
  const side = startDelivery({ gateway, log, metrics }, clients, sleep);
  wake = (target) => side.wake(target);
  await until(() => asleep === targets.length);
  rung.length = 0;
  return {
    gateway,
    rung,
    metrics,
    lines,
    async close() {
      await side.stop();
      await gateway.store.close();
    },
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const sentTo = async (metrics: { text(): Promise<string> }, target: string) =>
  Number((await metrics.text()).match(new RegExp(`delivery_resources_total{target="${target}"} (\\d+)`))?.[1] ?? 0);

test('what is noted wakes its target; what was done is counted and logged', async () => {
  const world = await started([targetAt(fast!, { id: 'hub' })]);
  await runOver(world.gateway, { feed: ndjson(person(1)) });
  await until(async () => (await sentTo(world.metrics, 'hub')) >= 17);
  expect(Object.keys(await theirs(fast!))).toHaveLength(17);
  const text = await world.metrics.text();
  expect(text).toContain('study_gateway_delivery_persons_total{target="hub",outcome="done",code=""} 1');
  expect(world.lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ event: 'delivered', part: 'hub', codes: ['done'] }),
  );
  await world.close();
});

test('a target that does not answer keeps no other waiting', async () => {
  slow!.faults.push({ kind: 'done-then-silence' });
  const world = await started([
    targetAt(slow!, { id: 'slow', parallel: 1, timeoutMilliseconds: 300_000 }),
    targetAt(fast!, { id: 'fast' }),
  ]);
  await runOver(world.gateway, { feed: ndjson(person(1)) });
  await until(async () => (await sentTo(world.metrics, 'fast')) >= 17);
  // The first of the slow one is still under way when more comes.
  await runOver(world.gateway, { feed: ndjson(person(2)) });
  await until(async () => (await sentTo(world.metrics, 'fast')) >= 34);
  expect(await sentTo(world.metrics, 'slow')).toBe(0);
  await slow!.close();
  await world.close();
});

test('the bell rings once for each target and transaction, and not for one that is undone', async () => {
  const { gateway, rung, close } = await started([]);
  const note = (target: string, id: string) => ({
    target,
    id,
    type: 'Patient',
    subject: 's',
    version: 1,
    at: '2025-06-01T00:00:00.000Z',
  });
  await gateway.store.withTransaction(async ({ study }) => {
    await study.noteDelivery(note('a', '1'));
    await study.noteDelivery(note('a', '2'));
    await study.noteDelivery(note('b', '1'));
    expect(rung).toEqual([]);
  });
  expect(rung).toEqual(['a', 'b']);
  const undone = gateway.store.withTransaction(async ({ study }) => {
    await study.noteDelivery(note('c', '1'));
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(rung).toEqual(['a', 'b']);
  await close();
});
