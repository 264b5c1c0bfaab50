import { setTimeout } from 'node:timers/promises';

/** Works through a queue in which work is claimed before it is done. */
export interface Runner {
  /** To be called once, before anything is claimed: what a runner that died had claimed waits again. */
  recover(): Promise<number>;
  /** Does all that may be done now. @returns how many pieces */
  drain(): Promise<number>;
  /** Claims nothing more; resolves when what was begun is finished. */
  stop(): Promise<void>;
}

export interface RunnerLoop {
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
export function startRunnerLoop(
  runner: Runner,
  { failed, sleep = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }) }: LoopParts,
): RunnerLoop {
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
