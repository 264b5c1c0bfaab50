import { setTimeout } from 'node:timers/promises';
import type { PullRunner } from './pull.ts';

export interface PullLoop {
  /** There is new work: look at once. */
  wake(): void;
  /** Finishes what was begun. */
  stop(): Promise<void>;
}

export interface LoopParts {
  /** Hears of an outage of ours (the store, say); the next round tries again. */
  failed: (error: unknown) => void;
  /** Ends early when the signal aborts. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

const POLL_MILLISECONDS = 5_000;

/** Runs rounds of a runner until it is stopped: at once when woken, else every five seconds, for what was put off. */
export function startPullLoop(
  runner: PullRunner,
  { failed, sleep = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }) }: LoopParts,
): PullLoop {
  let stopping = false;
  let woken = false;
  let nap = new AbortController();

  async function run(): Promise<void> {
    let recovered = false;
    while (!stopping) {
      woken = false;
      try {
        if (!recovered) await runner.recover();
        recovered = true;
        await runner.drain();
      } catch (error) {
        failed(error);
      }
      if (stopping || woken) continue;
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
    async stop() {
      stopping = true;
      nap.abort();
      await runner.stop();
      await running;
    },
  };
}
