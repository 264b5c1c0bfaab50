/** Works that overlap and are finished one after the other, in the order in which they came. */
export interface InOrder {
  /** Waits until there is room for another. Throws what an earlier one threw. */
  add<T>(begun: Promise<T>, finish: (value: T) => Promise<void>): Promise<void>;
  /** Resolves when all are finished; throws what the first that failed threw. */
  done(): Promise<void>;
}

/** @param most how many there may be at a time */
export function inOrder(most: number): InOrder {
  const waiting: Promise<void>[] = [];
  let last: Promise<void> = Promise.resolve();
  return {
    async add(begun, finish) {
      const before = last;
      begun.catch(() => {});
      last = before.then(() => begun).then(finish);
      last.catch(() => {});
      waiting.push(last);
      if (waiting.length >= most) await waiting.shift();
    },
    done: () => last,
  };
}
