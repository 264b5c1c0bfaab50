import { Worker } from 'node:worker_threads';
import type { Lens, PlainLens } from '../../release/lens.ts';
import { type Columns, columnsOf } from './columns.ts';
import { type Candidate, type Rendered, type Rendering, renderBy } from './render.ts';

/** Makes lines of pages: they may be given before the last are done, and come back in their order. */
export interface Renderer {
  render(rows: readonly Candidate[]): Promise<Rendered>;
  close(): Promise<void>;
}

/** What a thread begins with. It holds keys of the registry: it stays in the memory of this process. */
export interface ThreadData {
  lens: PlainLens;
  rendering: Rendering;
}
export type ToThread = Columns;
export type FromThread = { rendered: Rendered } | { error: unknown };

/** Its pages die young: with little room for them the memory of the process stays flat. */
const YOUNG_MIB = 16;

/** Pages of a thread: one that it works on, and the next. What comes beside them is made here meanwhile. */
const IN_HAND = 2;

/**
 * Makes lines here at first, and in a thread once so many rows have come: a small export is done before one has begun.
 * A lens that cannot pass to a thread stays here.
 */
export function createRenderer(lens: Lens, rendering: Rendering, threadRows: number): Renderer {
  const here = renderBy(lens, rendering);
  let thread: Thread | null = null;
  let seen = 0;
  return {
    async render(rows) {
      if (thread === null && seen >= threadRows && lens.plain) thread = new Thread({ lens: lens.plain(), rendering });
      seen += rows.length;
      return thread === null || thread.inHand >= IN_HAND ? here(rows) : thread.render(rows);
    },
    close: async () => thread?.close(),
  };
}

interface Waiting {
  resolve: (rendered: Rendered) => void;
  reject: (error: unknown) => void;
}

/** Answers in the order in which it is asked. */
class Thread {
  #worker: Worker;
  #waiting: Waiting[] = [];
  #ended: Error | null = null;

  constructor(data: ThreadData) {
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MIB };
    this.#worker = new Worker(new URL('./render-thread.ts', import.meta.url), { workerData: data, resourceLimits });
    this.#worker.on('message', (message: FromThread) => {
      const { resolve, reject } = this.#waiting.shift()!;
      if ('rendered' in message) resolve(message.rendered);
      else reject(message.error);
    });
    this.#worker.on('error', (error) => this.#end(error as Error));
    this.#worker.on('exit', () => this.#end(new Error('The thread of an export has ended.')));
  }

  get inHand(): number {
    return this.#waiting.length;
  }

  render(rows: readonly Candidate[]): Promise<Rendered> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(columnsOf(rows) satisfies ToThread);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
