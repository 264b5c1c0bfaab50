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
  let woken = false;
  let nap = new AbortController();
  const silence = bell.listen(() => {
    woken = true;
    nap.abort();
  });

  async function run(): Promise<void> {
    let recovered = false;
    while (!stopping) {
      woken = false;
      try {
        if (!recovered) await notifier.recover();
        recovered = true;
        await notifier.drain();
      } catch (error) {
        failed(error);
      }
      if (stopping || woken) continue;
      nap = new AbortController();
      await sleep(POLL_MILLISECONDS, nap.signal).catch(() => {});
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
