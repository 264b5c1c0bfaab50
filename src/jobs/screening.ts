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
const POLL_MILLISECONDS = 1_000;

/**
 * Screens whom changes concern as soon as they are durable, the longest waiting first; and everybody else once a day,
 * and at the start, since the clock, the study and dictionaries move people too – but only while nobody waits.
 */
export function startScreening(parts: ScreeningParts): ScreeningLoop {
  const { gateway, failed, screened = () => {} } = parts;
  const sleep = parts.sleep ?? ((milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }));
  let stopping = false;
  let woken = false;
  let nap = new AbortController();
  let idle: (() => void)[] = [];
  let round: ReturnType<typeof startRescreening> | null = null;
  let lastDay: number | null = null;

  /** @returns whether there may be more to do at once */
  async function step(): Promise<boolean> {
    const now = gateway.clock();
    const { taken } = await screenPending(gateway, now, STEP);
    screened(taken);
    if (taken > 0) return true;
    for (const resolve of idle.splice(0)) resolve();
    const today = dayOf(now, gateway.loaded.study.timezone);
    if (round === null && today !== lastDay) {
      lastDay = today;
      await ageQuarantine(gateway);
      round = startRescreening();
    }
    if (round === null) return false;
    const { persons, done } = await round.step(gateway, now, STEP);
    screened(persons);
    if (done) round = null;
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
    wake() {
      woken = true;
      nap.abort();
    },
    settled() {
      return new Promise((resolve) => {
        idle.push(resolve);
        woken = true;
        nap.abort();
      });
    },
    async stop() {
      stopping = true;
      nap.abort();
      await running;
      for (const resolve of idle.splice(0)) resolve();
      idle = [];
    },
  };
}
