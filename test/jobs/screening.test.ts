import { arrivalsOf } from '../../src/intake/bundle.ts';
import { type ScreeningLoop, startScreening } from '../../src/jobs/screening.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { push } from '../../src/pipeline/push.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { openTestGateway } from '../pipeline/gateway.ts';

const MORNING = Date.parse('2025-06-01T10:00:00+08:00');
const DAY = 86_400_000;

let now: number;
let gateway: Gateway;
let loop: ScreeningLoop | null;
let faults: unknown[];
beforeEach(async () => {
  now = MORNING;
  gateway = { ...(await openTestGateway()), clock: () => now };
  faults = [];
  loop = null;
});
afterEach(async () => {
  await loop?.stop();
  await gateway.store.close();
});

const start = () => {
  loop = startScreening({ gateway, failed: (error) => void faults.push(error) });
  return loop;
};
const PLACE = { file: 'test', line: null, entry: null };

async function send(resources: readonly object[]): Promise<void> {
  const items = resources.flatMap((one) =>
    [...arrivalsOf(one, PLACE, false)].map((arrival) => ({ arrival, condition: null })),
  );
  await push(gateway, gateway.sites.get('ya')!, items, { atomic: false });
}

const statuses = async () =>
  (await gateway.store.withTransaction((tx) => tx.study.subjects())).map(({ body }) => JSON.parse(body).status);

/** Until the loop has nothing to do: nobody pending, and the round over everybody is over. */
async function quiet(screening: ScreeningLoop): Promise<void> {
  for (let round = 0; round < 3; round++) await screening.settled();
}

test('whom a change concerns is screened; who was pending when the program ended, after the next start', async () => {
  await send(eligiblePerson(b.feedContext('ya', 1)));
  expect(await statuses()).toEqual([]);
  const screening = start();
  await screening.settled();
  expect(await statuses()).toEqual(['eligible']);
  await send(eligiblePerson(b.feedContext('ya', 2)));
  screening.wake();
  await screening.settled();
  expect(await statuses()).toEqual(['eligible', 'eligible']);
  expect(faults).toEqual([]);
});

test('a new day is a new look at everybody: a consent that ended in the night', async () => {
  const ctx = b.feedContext('ya', 1);
  const period = { start: '2025-05-15', end: '2025-06-01' };
  await send(eligiblePerson(ctx, { consents: [b.consent(ctx, { on: '2025-05-15', period })] }));
  const screening = start();
  await quiet(screening);
  expect(await statuses()).toEqual(['eligible']);
  now += DAY;
  await quiet(screening);
  expect(await statuses()).toEqual(['screening']);
});

test('a fault is told, keeps the person pending, and the next round tries again', async () => {
  await send(eligiblePerson(b.feedContext('ya', 1)));
  const { assess } = gateway.screener;
  let broken = true;
  gateway.screener = {
    assess(...given) {
      if (broken) throw new Error('a fault');
      return assess(...given);
    },
  };
  const screening = start();
  while (faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await statuses()).toEqual([]);
  broken = false;
  screening.wake();
  await screening.settled();
  expect(await statuses()).toEqual(['eligible']);
});

test('somebody who cannot be screened holds nobody up, and stays pending', async () => {
  for (const number of [1, 2, 3, 4, 5, 6]) await send(eligiblePerson(b.feedContext('ya', number)));
  const { assess } = gateway.screener;
  gateway.screener = {
    assess(record, ...given) {
      if (record.patient === 'ya-p-000001') throw new Error('a fault');
      return assess(record, ...given);
    },
  };
  start();
  // The round over everybody meets that person as well, and goes on.
  while ((await statuses()).length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  const pending = await gateway.store.withTransaction(({ hospital }) => hospital.takePending(9));
  expect(pending).toMatchObject([{ site: 'ya', person: 'ya-p-000001' }]);
  expect(faults.length).toBeGreaterThan(0);
});

test('stopping ends it; what is pending stays in the store', async () => {
  const screening = start();
  await screening.stop();
  await send(eligiblePerson(b.feedContext('ya', 1)));
  expect(await gateway.store.withTransaction(({ hospital }) => hospital.takePending(9))).toHaveLength(1);
});
