/** Wall clock in milliseconds and a way to let time pass; both fixed by tests. */
export interface Pace {
  clock: () => number;
  sleep: (milliseconds: number) => Promise<void>;
}

/**
 * A token bucket: up to `burst` at once, then `perSecond`, in the order of asking.
 * @returns waits until the next one may go
 */
export function createRate(perSecond: number, burst: number, { clock, sleep }: Pace): () => Promise<void> {
  const interval = 1000 / perSecond;
  // When the bucket would be full again; kept instead of a count (generic cell rate algorithm).
  let full = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock();
    full = Math.max(full, now) + interval;
    const wait = full - now - burst * interval;
    if (wait > 0) await sleep(wait);
  };
}
