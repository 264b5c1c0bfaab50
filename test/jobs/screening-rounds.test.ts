import { setImmediate } from 'node:timers/promises';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { type ScreeningLoop, startScreening } from '../../src/jobs/screening.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { openTestGateway } from '../pipeline/gateway.ts';
import { pendingOf, push } from '../pipeline/push.ts';

/** A sleep that the test ends, or the signal. */
interface Nap {
  milliseconds: number;
  end(): void;
}

let gateway: Gateway;
let loop: ScreeningLoop;
let naps: Nap[];
let screened: number;
let sending: boolean;
const faults: unknown[] = [];

const REST = 200;
const person = (number: number) => eligiblePerson(b.feedContext('ya', number));
const resting = () => naps.find(({ milliseconds }) => milliseconds === REST);

beforeEach(async () => {
  gateway = await openTestGateway();
  [naps, screened, sending] = [[], 0, false];
});
afterEach(async () => {
  await loop.stop();
  await gateway.store.close();
  expect(faults.splice(0)).toEqual([]);
});

function start(): void {
  loop = startScreening({
    gateway,
    failed: (error) => void faults.push(error),
    screened: (persons) => {
      screened += persons;
    },
    busy: () => sending,
    sleep: (milliseconds, signal) =>
      new Promise<void>((resolve) => {
        const nap = { milliseconds, end: () => over() };
        const over = () => {
          naps = naps.filter((one) => one !== nap);
          resolve();
        };
        naps.push(nap);
        if (signal.aborted) over();
        signal.addEventListener('abort', over);
      }),
  });
}

/** Lets the loop do all it can without anybody's help: it sleeps until it is woken. */
async function asleep(): Promise<void> {
  do await setImmediate();
  while (!naps.some(({ milliseconds }) => milliseconds > REST));
}

/** Written and marked, and the loop not told. */
async function write(resources: readonly FhirResource[]): Promise<void> {
  await push(
    gateway,
    resources.map((resource) => ({ resource })),
  );
}

async function send(resources: readonly FhirResource[]): Promise<void> {
  await write(resources);
  loop.wake();
}

test('who is sent in pieces is screened at once, and then once for all pieces that came during the rest', async () => {
  start();
  await asleep();
  const [first, ...pieces] = person(1);
  await send([first!]);
  await asleep();
  expect([screened, await pendingOf(gateway)]).toEqual([1, []]);
  for (const piece of pieces) {
    await send([piece]);
    await asleep();
  }
  expect(screened).toBe(1);
  expect(await pendingOf(gateway)).toHaveLength(1);
  resting()!.end();
  await asleep();
  expect([screened, await pendingOf(gateway)]).toEqual([2, []]);
});

test('a round takes everybody who waits when it begins; who comes then waits for the next', async () => {
  start();
  await asleep();
  await send([1, 2, 3, 4, 5, 6, 7].flatMap(person));
  await asleep();
  expect(screened).toBe(7);
  expect(naps.filter(({ milliseconds }) => milliseconds === REST)).toHaveLength(1);
  await send(person(8));
  await asleep();
  expect(screened).toBe(7);
  resting()!.end();
  await asleep();
  expect(screened).toBe(8);
});

test('whoever waits until nobody is pending waits for no rest', async () => {
  start();
  await send(person(1));
  await loop.settled();
  await send(person(2));
  await loop.settled();
  expect([screened >= 2, await pendingOf(gateway)]).toEqual([true, []]);
});

test('the rest between rounds does not keep everybody else from being screened', async () => {
  await write([1, 2, 3, 4, 5].flatMap(person));
  start();
  await asleep();
  // Five who waited; then everybody known, five again.
  expect([screened, resting() !== undefined]).toEqual([10, true]);
});

test('it stops in the middle of a rest', async () => {
  start();
  await send(person(1));
  await asleep();
  expect(resting()).toBeDefined();
  await loop.stop();
  expect(naps).toEqual([]);
});

/** Looks whether the EHR still sends. */
async function look(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    while (!naps.some(({ milliseconds }) => milliseconds === 5)) await setImmediate();
    naps.find(({ milliseconds }) => milliseconds === 5)!.end();
  }
}

test('while an EHR sends nobody is screened; once it pauses, everybody who waits', async () => {
  start();
  await asleep();
  sending = true;
  await send(person(1));
  await look(3);
  expect([screened, (await pendingOf(gateway)).length]).toEqual([0, 1]);
  sending = false;
  await look(1);
  await asleep();
  expect([screened, await pendingOf(gateway)]).toEqual([1, []]);
});

test('an EHR that never pauses is given way to for two seconds, and then takes turns', async () => {
  start();
  await asleep();
  sending = true;
  await send(person(1));
  await look(400);
  await asleep();
  expect([screened, await pendingOf(gateway)]).toEqual([1, []]);
});

test('whoever waits until nobody is pending waits for no pause', async () => {
  sending = true;
  await write(person(1));
  start();
  await loop.settled();
  expect(await pendingOf(gateway)).toEqual([]);
});
