/** A count as it is told: a number, or `<5` for one that is not zero and below the smallest cell. */
export type Cell = number | string;

/** A count on its own. */
export function cell(count: number, smallest: number): Cell {
  return count > 0 && count < smallest ? `<${smallest}` : count;
}

/**
 * The cells of a breakdown whose sum is told. When a single one would be hidden, the next smallest is hidden with it, or
 * the sum would give it away.
 */
export function cells(counts: ReadonlyMap<string, number>, smallest: number): Record<string, Cell> {
  const ordered = [...counts].filter(([, count]) => count > 0).sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
  const small = ordered.filter(([, count]) => count < smallest).length;
  const hidden = new Set(ordered.slice(0, small === 1 ? 2 : small).map(([name]) => name));
  const names = [...counts.keys()].sort();
  return Object.fromEntries(
    names.map((name) => [name, hidden.has(name) ? hiddenAs(counts.get(name)!, smallest) : counts.get(name)!]),
  );
}

function hiddenAs(count: number, smallest: number): string {
  return count < smallest ? `<${smallest}` : 'hidden';
}
