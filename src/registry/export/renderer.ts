import { AskedThread } from '../../operations/asked-thread.ts';
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

const THREAD = new URL('./render-thread.ts', import.meta.url);
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
  let thread: AskedThread<Columns, Rendered> | null = null;
  let seen = 0;
  return {
    async render(rows) {
      if (thread === null && seen >= threadRows && lens.plain) thread = begun({ lens: lens.plain(), rendering });
      seen += rows.length;
      return thread === null || thread.inHand >= IN_HAND ? here(rows) : thread.ask(columnsOf(rows));
    },
    close: async () => thread?.close(),
  };
}

function begun(data: ThreadData): AskedThread<Columns, Rendered> {
  return new AskedThread(THREAD, { data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } });
}
