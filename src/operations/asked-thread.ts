import { type ResourceLimits, Worker } from 'node:worker_threads';

/** What is sent to a thread: a question, or something beside the questions that has no answer. */
export type ToThread<Ask, Told> = { ask: Ask } | { told: Told };
/**
 * What a thread sends: the answer to the question that has waited longest, why it has none, or something beside. The code
 * of an error (`ENOENT`) does not pass with it by itself.
 */
export type FromThread<Answer, Said> = { answer: Answer } | { error: unknown; code: string | null } | { said: Said };

export interface ThreadOptions<Said> {
  /** Plain data for `workerData`. */
  data: unknown;
  /** Hears what the thread says beside its answers. */
  said?: (said: Said) => void;
  /** Hears that it has ended by itself, once. */
  ended?: (error: unknown) => void;
  resourceLimits?: ResourceLimits;
}

interface Waiting<Answer> {
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/**
 * A thread that answers in the order in which it is asked (the other end: `answering.ts`). When it ends, whatever is
 * still asked of it is rejected, and so is what comes later.
 */
export class AskedThread<Ask, Answer, Told = never, Said = never> {
  #worker: Worker;
  #waiting: Waiting<Answer>[] = [];
  #ended: { error: unknown } | null = null;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(program: URL, { data, said = () => {}, ended = () => {}, resourceLimits }: ThreadOptions<Said>) {
    this.#worker = new Worker(program, { workerData: data, ...(resourceLimits ? { resourceLimits } : {}) });
    this.#worker.on('message', (message: FromThread<Answer, Said>) => {
      if ('said' in message) return said(message.said);
      const { resolve, reject } = this.#waiting.shift()!;
      if ('answer' in message) resolve(message.answer);
      else
        reject(message.code === null ? message.error : Object.assign(message.error as Error, { code: message.code }));
      this.#settle();
    });
    const end = (error: unknown) => {
      if (this.#ended) return;
      this.#ended = { error };
      if (!this.#closed) ended(error);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
      this.#settle();
    };
    this.#worker.on('error', end);
    this.#worker.on('exit', () => end(new Error('A thread has ended.')));
  }

  /** Questions that are not answered yet. */
  get inHand(): number {
    return this.#waiting.length;
  }

  /** @throws what the thread failed over, or why it ended */
  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended.error);
      this.#waiting.push({ resolve, reject });
      this.#send({ ask });
    });
  }

  tell(told: Told): void {
    this.#send({ told });
  }

  /** Ends it; what is in hand is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }

  /** Waits for what is in hand, then ends it. */
  async finish(): Promise<void> {
    if (this.inHand > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.close();
  }

  #send(message: ToThread<Ask, Told>): void {
    this.#worker.postMessage(message);
  }

  #settle(): void {
    if (this.inHand === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
