import { Worker } from 'node:worker_threads';
import type { Phrase, ScanPlan } from './plan.ts';
import type { Scanning } from './scanning.ts';
import type { Scanned, Stretch } from './stretch.ts';
import type { PhraseMeaning } from './together.ts';

export type ToWorker = { kind: 'scan'; stretch: Stretch } | { kind: 'means'; means: readonly number[] };
export type FromWorker =
  | { kind: 'ask'; phrases: readonly Phrase[] }
  | { kind: 'scanned'; scanned: Scanned }
  | { kind: 'failed'; error: unknown; code: string | null };

/** Stretches each thread has in hand: one that it scans, and the next. */
const IN_HAND = 2;

interface Waiting {
  resolve: (scanned: Scanned) => void;
  reject: (error: unknown) => void;
}

/** One thread: it answers in the order in which it is asked. */
class Thread {
  #worker: Worker;
  #waiting: Waiting[] = [];

  constructor(plan: ScanPlan, meaning: PhraseMeaning) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: plan });
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'scanned') this.#waiting.shift()!.resolve(message.scanned);
      else if (message.kind === 'ask')
        this.#tell({ kind: 'means', means: message.phrases.map((one) => meaning.of(one)) });
      else {
        const { error, code } = message;
        this.#waiting.shift()!.reject(code === null ? error : Object.assign(error as Error, { code }));
      }
    });
    this.#worker.on('error', (error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  scan(stretch: Stretch): Promise<Scanned> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#tell({ kind: 'scan', stretch });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

/** Scans in several threads, each in its turn. They share the open files of the process. */
export function scanInThreads(threads: number): (plan: ScanPlan, meaning: PhraseMeaning) => Scanning {
  return (plan, meaning) => {
    const all = Array.from({ length: threads }, () => new Thread(plan, meaning));
    let next = 0;
    return {
      width: threads * IN_HAND,
      scan: (stretch) => all[next++ % threads]!.scan(stretch),
      close: async () => {
        await Promise.all(all.map((thread) => thread.close()));
      },
    };
  };
}
