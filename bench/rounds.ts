/** Times variants in turn, round by round, and gives the median and the spread of each; ratios are per round. */
export interface Timed {
  name: string;
  /** Milliseconds, one a round. */
  rounds: number[];
}

/** Runs every variant once to warm up, then so many rounds with the order rotated. */
export async function timed(variants: Record<string, () => unknown>, rounds: number): Promise<Timed[]> {
  const names = Object.keys(variants);
  const results = names.map((name) => ({ name, rounds: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const at = (turn + Math.max(0, round)) % names.length;
      const start = performance.now();
      await variants[names[at]!]!();
      if (round >= 0) results[at]!.rounds.push(performance.now() - start);
    }
  }
  return results;
}

/** Every variant once a round, the order rotated, with what each gave in each round. */
export async function inTurns<T>(
  variants: Readonly<Record<string, () => Promise<T>>>,
  rounds: number,
): Promise<Map<string, T[]>> {
  const names = Object.keys(variants);
  const given = new Map<string, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length]!;
      given.get(name)!.push(await variants[name]!());
    }
  }
  return given;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** `1.23 (1.10–1.40)` */
export function spread(values: readonly number[], digits = 2): string {
  const fixed = (value: number) => value.toFixed(digits);
  return `${fixed(median(values))} (${fixed(Math.min(...values))}–${fixed(Math.max(...values))})`;
}

/** How many times slower one is than another, round by round. */
export function ratios(slow: Timed, fast: Timed): number[] {
  return slow.rounds.map((value, round) => value / fast.rounds[round]!);
}
