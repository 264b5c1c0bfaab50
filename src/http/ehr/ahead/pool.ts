import { AskedThread } from '../../../operations/asked-thread.ts';
import type { BodyLimits } from '../../limits.ts';
import { type About, type Packed, type PlainBundle, unpack } from './plain.ts';

/** What a thread is started with. It loads study and sites itself: what is compiled of them cannot be handed over. */
export interface ThreadData {
  studyFolder: string;
  sitesFolder: string;
  /** Marks of what the service has loaded: a thread that finds other files there must not read with them. */
  marks: { study: string; sites: string };
  limits: Pick<BodyLimits, 'maxDepth' | 'maxEntries'>;
}

export type Ask = { bytes: Uint8Array; about: About };
/** What it says once it has begun. `stale`: the files have changed since the service began. */
export type Said = 'ready' | 'stale';

/** Reads Bundles while the program does something else. */
export interface Ahead {
  /** Shorter bodies cost more to hand over than it spares to have them read. */
  worthBytes: number;
  /**
   * @returns null when the Bundle is to be read by whoever asks: the thread has not begun, has enough in hand, or found
   * what it cannot answer. The bytes stay with whoever asks.
   * @throws when the thread failed over this Bundle, or ended while it had it
   */
  read(bytes: Buffer, about: About): Promise<PlainBundle | null>;
  /** Why no thread can be begun just now, as a stable code; null when one reads or can. */
  fault(): string | null;
  /** Waits for what is in hand, then ends the thread. */
  close(): Promise<void>;
}

const THREAD = new URL('./thread.ts', import.meta.url);
const WORTH_BYTES = 16 * 1024;
/** One that is read, and others that wait while the program reads one itself. */
const IN_HAND = 3;
/** After a thread ended by itself the next one is not begun at once. */
const REST_MILLISECONDS = 10_000;

/**
 * Keeps one thread, begun when the first Bundle comes that is worth it, and again when it has ended by itself.
 * Its heap has no limit of its own: over one V8 ends the whole process where a builtin (JSON.parse) meets it. What bounds
 * it is what bounds the program: the longest body, and how many are in hand.
 */
export function readInThread(
  data: ThreadData,
  { ended, worthBytes = WORTH_BYTES, thread = THREAD, clock = () => performance.now() }: Options,
): Ahead {
  let reader: AskedThread<Ask, Packed | null, never, Said> | null = null;
  let state: 'none' | 'beginning' | 'ready' | 'stale' | 'closed' = 'none';
  let lost: number | null = null;

  const isResting = () => lost !== null && clock() - lost < REST_MILLISECONDS;

  function begin(): void {
    state = 'beginning';
    reader = new AskedThread(thread, {
      data,
      said(said) {
        if (said === 'ready') lost = null;
        if (said === 'ready' && state === 'beginning') state = 'ready';
        if (said !== 'stale') return;
        state = 'stale';
        ended(stale());
      },
      ended(error) {
        if (state === 'closed' || state === 'stale') return;
        [state, lost] = ['none', clock()];
        ended(error);
      },
    });
  }

  return {
    worthBytes,
    async read(bytes, about) {
      if (state === 'none' && !isResting()) begin();
      if (state !== 'ready' || reader!.inHand >= IN_HAND) return null;
      const packed = await reader!.ask({ bytes, about });
      return packed && unpack(packed);
    },
    fault: () => (state === 'none' && isResting() ? 'thread-ended' : null),
    async close() {
      state = 'closed';
      await reader?.finish();
    },
  };
}

function stale(): Error {
  const message = 'Study or sites have changed since the service began: large Bundles are read without a thread.';
  return Object.assign(new Error(message), { code: 'DEFINITIONS_CHANGED' });
}

interface Options {
  /** Hears of every end that was not asked for, and of a thread that found other files. */
  ended: (error: unknown) => void;
  worthBytes?: number;
  /** The thread's program; another one for tests. */
  thread?: URL;
  /** milliseconds, never going back */
  clock?: () => number;
}
