import { setTimeout } from 'node:timers/promises';
import type { NoticeBell } from '../pipeline/notice-bell.ts';
import type { Notifier } from './notify.ts';

export interface NotifyLoopParts {
  bell: NoticeBell;
  /** Hears of an outage of ours (the store, say); the next round tries again. */
  failed: (error: unknown) => void;
  /** Ends early, or rejects, when the signal aborts. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

const POLL_MILLISECONDS = 5_000;

/**
 * Runs rounds of a notifier until it is stopped: at once when the bell rings, else every five seconds, for what was put
 * off.
 * @returns stops it, and resolves when what was begun is finished
 */
export function startNotifyLoop(
  notifier: Notifier,
  { bell, failed, sleep = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }) }: NotifyLoopParts,
): () => Promise<void> {
  let stopping = false;
  let nap = new AbortController();
  const silence = bell.listen(() => nap.abort());

  async function run(): Promise<void> {
    let recovered = false;
    const round = async () => {
      try {
        await notifier.drain();
      } catch (error) {
        // What it had claimed may still be claimed.
        recovered = false;
        failed(error);
      }
    };
    while (!stopping) {
      nap = new AbortController();
      const { signal } = nap;
      const rung = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      try {
        if (!recovered) await notifier.recover();
        recovered = true;
        // A slow endpoint does not keep the others waiting: rounds may overlap.
        await Promise.race([round(), rung]);
      } catch (error) {
        failed(error);
      }
      if (!signal.aborted && !stopping) await sleep(POLL_MILLISECONDS, signal).catch(() => {});
    }
  }
  const running = run();

  return async () => {
    stopping = true;
    silence();
    nap.abort();
    await notifier.stop();
    await running;
  };
}
