/** Lines that become durable together. */
const MOST = 500;
/** After that long without another line, the sender may be waiting for its answers. */
const PAUSE_MILLISECONDS = 200;

/** Cuts a stream into units: as many as there may be, or fewer where it pauses. */
export async function* unitsOf<T>(feed: AsyncIterator<T>): AsyncGenerator<T[]> {
  let unit: T[] = [];
  let next: Promise<IteratorResult<T>> | null = null;
  for (;;) {
    next ??= feed.next();
    const got: IteratorResult<T> | null = unit.length === 0 ? await next : await unlessPaused(next);
    if (got?.done) break;
    if (got) {
      next = null;
      unit.push(got.value);
    }
    if (got && unit.length < MOST) continue;
    yield unit;
    unit = [];
  }
  if (unit.length > 0) yield unit;
}

/** What comes; null when nothing does for a while. */
function unlessPaused<T>(next: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, PAUSE_MILLISECONDS, null);
    next.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
