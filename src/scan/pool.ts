import { AskedThread } from '../operations/asked-thread.ts';

import type { Phrase, ScanPlan } from './plan.ts';
import type { Scanning } from './scanning.ts';
import type { Scanned, Stretch } from './stretch.ts';
import type { PhraseMeaning } from './together.ts';

/** What a thread says beside its answers: phrases of which it wants to be told `MEANS`, in their order. */
export type Said = readonly Phrase[];
export type Told = readonly number[];

const THREAD = new URL('./worker.ts', import.meta.url);
/** Stretches each thread has in hand: one that it scans, and the next. */
const IN_HAND = 2;

/** Scans in several threads, each in its turn. They share the open files of the process. */
export function scanInThreads(threads: number): (plan: ScanPlan, meaning: PhraseMeaning) => Scanning {
  return (plan, meaning) => {
    const all = Array.from({ length: threads }, () => {
      const thread: AskedThread<Stretch, Scanned, Told, Said> = new AskedThread(THREAD, {
        data: plan,
        said: (phrases) => thread.tell(phrases.map((one) => meaning.of(one))),
      });
      return thread;
    });
    let next = 0;
    return {
      width: threads * IN_HAND,
      scan: (stretch) => all[next++ % threads]!.ask(stretch),
      close: async () => {
        await Promise.all(all.map((thread) => thread.close()));
      },
    };
  };
}
