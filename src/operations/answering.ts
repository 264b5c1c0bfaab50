import type { MessagePort, Transferable } from 'node:worker_threads';
import type { FromThread, ToThread } from './asked-thread.ts';

/**
 * The end of an `AskedThread` inside the thread: one question after the other, whatever each takes.
 * @param port of the thread, to whoever began it
 * @param answer gives the answer, and what of it passes over instead of being copied; what it throws is passed on
 * @param told hears what comes beside the questions, also while one is being answered
 */
export function answerOn<Ask, Answer, Told = never>(
  port: MessagePort,
  answer: (ask: Ask) => Promise<Passed<Answer>> | Passed<Answer>,
  told: (told: Told) => void = () => {},
): void {
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: ToThread<Ask, Told>) => {
    if ('told' in message) return told(message.told);
    last = last.then(async () => {
      try {
        const { answer: given, transfer = [] } = await answer(message.ask);
        port.postMessage({ answer: given } satisfies FromThread<Answer, never>, transfer);
      } catch (error) {
        const code = (error as { code?: string } | null)?.code ?? null;
        port.postMessage({ error, code } satisfies FromThread<Answer, never>);
      }
    });
  });
}

/** An answer, and the buffers in it that need not be copied. */
export interface Passed<Answer> {
  answer: Answer;
  transfer?: Transferable[];
}
