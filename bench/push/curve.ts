import type { FhirResource } from '../../src/fhir/resource.ts';
import { screenPending } from '../../src/pipeline/screen-pending.ts';
import { median, spread } from '../rounds.ts';
import { addCrowd } from './crowd.ts';
import { type BenchGateway, openBenchGateway, pushAll } from './gateway.ts';
import { keptPerson, newer, unneeded } from './people.ts';
import { STORY_NOW } from './story-now.ts';

const ROUNDS = 5;
const EVENTS = 6;
const PUSHED = [10, 100, 1_000, 5_000];
const KEPT_AT_MOST = 100;
const UNIT = 500;

/** A person whom events concern, in a store. */
interface Target {
  name: string;
  at: BenchGateway;
  number: number;
  kept: number;
}

/** What is sent of a person at some second, and how many persons are to be screened for it. */
interface Event {
  name: string;
  of(target: Target, second: number): FhirResource;
  screened: number;
}

const KEPT: Event = {
  name: 'a newer version of a laboratory value that is kept',
  of: ({ number, kept }, second) => newer(keptPerson(number, kept).at(-1)!, second),
  screened: 1,
};
const UNNEEDED: Event = {
  name: 'a laboratory value that no study asks for',
  of: ({ number }, second) => newer(unneeded(number, 1)[0]!, second),
  screened: 0,
};

/** What one more event costs, screening included, as a person grows and as the store grows. Without HTTP. */
export async function curve(long: boolean): Promise<void> {
  const stores: BenchGateway[] = [];
  const open = async () => {
    const store = await openBenchGateway();
    stores.push(store);
    return store;
  };
  try {
    const small = await open();
    const persons: Target[] = [];
    for (const [at, pushed] of PUSHED.entries()) {
      const [number, kept] = [100 + at, Math.min(pushed, KEPT_AT_MOST)];
      await pushInUnits(small, [...keptPerson(number, kept), ...unneeded(number, pushed - kept)]);
      persons.push({ name: `${pushed} pushed, ${kept} kept`, at: small, number, kept });
    }
    for (const event of [KEPT, UNNEEDED]) await measure('person', event, persons);

    const crowds: Target[] = [];
    for (const people of [1_000, 10_000, ...(long ? [100_000] : [])]) {
      const store = await open();
      await addCrowd(store.gateway, store.file, people);
      await pushInUnits(store, keptPerson(100));
      crowds.push({ name: `${people} people`, at: store, number: 100, kept: 10 });
    }
    await measure('person of 10 in a store', KEPT, crowds);
  } finally {
    for (const store of stores) await store.close();
  }
}

async function pushInUnits({ gateway }: BenchGateway, resources: readonly FhirResource[]): Promise<void> {
  for (let from = 0; from < resources.length; from += UNIT) await pushAll(gateway, resources.slice(from, from + UNIT));
  await screenPending(gateway, STORY_NOW, 10);
}

/** All targets by turns, event by event; the median of a round's events is one value of it. */
async function measure(title: string, event: Event, targets: readonly Target[]): Promise<void> {
  const costs = targets.map(() => ({ cpu: [] as number[], wall: [] as number[] }));
  for (let round = -1; round < ROUNDS; round++) {
    const now = targets.map(() => ({ cpu: [] as number[], wall: [] as number[] }));
    for (let turn = 0; turn < EVENTS; turn++) {
      const second = (round + 1) * EVENTS + turn;
      for (const [at, target] of targets.entries()) {
        const { cpu, wall } = await cost(target.at, event.of(target, second), event.screened);
        now[at]!.cpu.push(cpu);
        now[at]!.wall.push(wall);
      }
    }
    if (round < 0) continue;
    for (const [at, { cpu, wall }] of now.entries()) {
      costs[at]!.cpu.push(median(cpu));
      costs[at]!.wall.push(median(wall));
    }
  }
  console.log(`${event.name}, ms of processor an event (in all), × the first (target: at most 1.5)`);
  for (const [at, { name }] of targets.entries()) {
    const { cpu, wall } = costs[at]!;
    const ratio = spread(cpu.map((each, round) => each / costs[0]!.cpu[round]!));
    console.log(`  ${title}, ${name}: ${spread(cpu)} ms, in all ${spread(wall)}; ${ratio} ×`);
  }
}

/** Milliseconds of this process and of the clock, until the event is durable and whom it concerns screened. */
async function cost(
  { gateway }: BenchGateway,
  resource: FhirResource,
  screened: number,
): Promise<{ cpu: number; wall: number }> {
  const [used, begun] = [process.cpuUsage(), performance.now()];
  await pushAll(gateway, [resource]);
  const { taken } = await screenPending(gateway, STORY_NOW, 10);
  const { user, system } = process.cpuUsage(used);
  if (taken !== screened) throw new Error(`${taken} persons were screened in place of ${screened}.`);
  return { cpu: (user + system) / 1_000, wall: performance.now() - begun };
}
