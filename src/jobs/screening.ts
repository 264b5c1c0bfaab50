import { setImmediate, setTimeout } from 'node:timers/promises';
import { dayOf } from '../fhir/time.ts';
import type { Gateway } from '../pipeline/gateway.ts';
import { ageQuarantine } from '../pipeline/quarantine.ts';
import { startRescreening } from '../pipeline/rescreen.ts';
import { screenPending } from '../pipeline/screen-pending.ts';
import { screenSingly } from '../pipeline/screen-singly.ts';

export interface ScreeningParts {
  gateway: Gateway;
  /** Hears of an outage or a fault of ours; the next round tries again. */
  failed: (error: unknown) => void;
  /** Told after each step: how many persons were screened. */
  screened?: (persons: number) => void;
  /** Whether an EHR is sending: it is answered first. */
  busy?: () => boolean;
  /** Ends early when the signal aborts. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

export interface ScreeningLoop {
  /** Somebody is to be screened: look at once. */
  wake(): void;
  /** Resolves when nobody is pending. */
  settled(): Promise<void>;
  /** Ends after the step that is going on; what is pending stays in the store. */
  stop(): Promise<void>;
}

/** Persons of one step: requests come in between two steps. */
const STEP = 4;
/** Persons of one round at most. */
const ROUND = 1_000;
/** How far rounds lie apart: whoever is sent in pieces is not screened for each of them. */
const REST_MILLISECONDS = 200;
const POLL_MILLISECONDS = 1_000;
/** For how long a step waits while an EHR sends: looks so far apart, so many of them (2 s). */
const GIVE_WAY = { milliseconds: 5, looks: 400 } as const;

/**
 * Screens whom changes concern soon after they are durable, in rounds: everybody who waits when a round begins, the
 * longest waiting first. And everybody else once a day, and at the start, since the clock, the study and dictionaries
 * move people too – but only while no round goes on. While an EHR sends it gives way, for two seconds at most: then
 * steps and requests take turns until there is a pause.
 */
export function startScreening(parts: ScreeningParts): ScreeningLoop {
  const { gateway, failed, screened = () => {}, busy = () => false } = parts;
  const sleep = parts.sleep ?? ((milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }));
  const ending = new AbortController();
  let stopping = false;
  let woken = false;
  let nap = new AbortController();
  let idle: (() => void)[] = [];
  /** Persons of the round that are still to be screened. */
  let left = 0;
  let resting = false;
  /** Looks since the last pause of the EHRs. */
  let looks = 0;
  let look = new AbortController();
  let everybody: ReturnType<typeof startRescreening> | null = null;
  let lastDay: number | null = null;

  function wake(): void {
    woken = true;
    // Each abort makes an exception with its stack, also of what is aborted already.
    if (!nap.signal.aborted) nap.abort();
  }

  function rest(): void {
    resting = true;
    const over = () => {
      resting = false;
      wake();
    };
    sleep(REST_MILLISECONDS, ending.signal).then(over, over);
  }

  /** Who asks whether all is settled does not wait for a pause. */
  async function giveWay(): Promise<void> {
    while (busy() && looks < GIVE_WAY.looks && idle.length === 0 && !stopping) {
      looks++;
      look = new AbortController();
      await sleep(GIVE_WAY.milliseconds, look.signal).catch(() => {});
    }
    if (!busy()) looks = 0;
  }

  /** How many wait; whoever is marked from now on waits behind them. */
  async function waiting(): Promise<number> {
    return (await gateway.store.read(({ hospital }) => hospital.takePending(ROUND))).length;
  }

  /** @returns false when nobody waits, or the next round is not due */
  async function stepOfRound(now: number): Promise<boolean> {
    if (left === 0) {
      if (resting && idle.length === 0) return false;
      left = await waiting();
      if (left === 0) for (const resolve of idle.splice(0)) resolve();
      if (left === 0) return false;
    }
    const { taken } = await screenPending(gateway, now, Math.min(STEP, left));
    screened(taken);
    left = taken === 0 ? 0 : left - taken;
    if (left === 0 && !resting) rest();
    return true;
  }

  /** @returns whether there may be more to do at once */
  async function step(): Promise<boolean> {
    const now = gateway.clock();
    if (await stepOfRound(now)) return true;
    const today = dayOf(now, gateway.loaded.study.timezone);
    if (everybody === null && today !== lastDay) {
      lastDay = today;
      await ageQuarantine(gateway);
      everybody = startRescreening();
    }
    if (everybody === null) return false;
    const { persons, done } = await everybody.step(gateway, now, STEP);
    screened(persons);
    if (done) everybody = null;
    return true;
  }

  /** One person that cannot be screened must not hold up the others. @returns whether somebody else could be */
  async function goOn(): Promise<boolean> {
    try {
      const { screened: others } = await screenSingly(gateway, gateway.clock(), STEP);
      screened(others);
      return others > 0;
    } catch (error) {
      failed(error);
      return false;
    }
  }

  async function run(): Promise<void> {
    while (!stopping) {
      woken = false;
      let more = false;
      try {
        await giveWay();
        if (stopping) break;
        more = await step();
      } catch (error) {
        failed(error);
        more = await goOn();
      }
      if (more) await setImmediate();
      if (more || stopping || woken) continue;
      nap = new AbortController();
      await sleep(POLL_MILLISECONDS, nap.signal).catch(() => {});
    }
  }
  const running = run();

  return {
    wake,
    settled() {
      return new Promise((resolve) => {
        idle.push(resolve);
        look.abort();
        wake();
      });
    },
    async stop() {
      stopping = true;
      ending.abort();
      look.abort();
      nap.abort();
      await running;
      for (const resolve of idle.splice(0)) resolve();
      idle = [];
    },
  };
}
