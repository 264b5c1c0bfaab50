import { type Spread, spreadOf } from '../results.ts';
import { type Contestant, NAIVE, ONE_CORE, PARSE, PARSE_ONE, TEN, TWO_WORKERS } from './compare.ts';

/** A target of the table: what, on how many cores, the bound, and what was seen. */
export interface Target {
  what: string;
  cores: 'one core' | 'two workers';
  target: string;
  /** null: could not be measured. */
  seen: Spread | null;
  met: boolean | null;
}

const CORES = { 'one core': ONE_CORE, 'two workers': TWO_WORKERS } as const;
const LEAST = { parse: { 'one core': 2, 'two workers': 3.5 }, naive: { 'one core': 30, 'two workers': 50 } };
const MOST_TIMES = 2;
const MOST_MIB = { 'one core': 250, 'two workers': 350 };

/** The targets with what was seen: ratios of one round, median and spread. One core beside one core, two beside both. */
export function targetsOf(all: readonly Contestant[]): Target[] {
  const named = (name: string) => all.find((one) => one.name === name);
  const naive = named(NAIVE);
  const ratio = (slow: readonly number[] | undefined, fast: readonly number[] | undefined) =>
    slow && fast ? spreadOf(slow.map((each, round) => each / fast[round]!)) : null;
  const walls = (name: string) => named(name)?.runs.map(({ wall }) => wall);
  const toOne = ratio(walls(TEN), walls(ONE_CORE));
  const ten = row('ten studies at once, × one', 'one core', `≤ ${MOST_TIMES}`, toOne, (seen) => seen <= MOST_TIMES);
  const each = (['one core', 'two workers'] as const).flatMap((cores) => {
    const ours = named(CORES[cores]);
    const parse = named(cores === 'one core' ? PARSE_ONE : PARSE);
    const wall = (one: Contestant | undefined) => one?.runs.map((run) => run.wall);
    const toParse = ratio(wall(parse), wall(ours));
    const toNaive = ratio(naive?.person, ours?.person);
    const rss = ours ? spreadOf(ours.runs.map((run) => run.rss)) : null;
    const [parseLeast, naiveLeast, most] = [LEAST.parse[cores], LEAST.naive[cores], MOST_MIB[cores]];
    return [
      row('× JSON.parse of the feed', cores, `≥ ${parseLeast}`, toParse, (seen) => seen >= parseLeast),
      row('× the naive way, per person', cores, `≥ ${naiveLeast}`, toNaive, (seen) => seen >= naiveLeast),
      row('peak RSS, MiB', cores, `≤ ${most}`, rss, (seen) => seen <= most),
    ];
  });
  return [...each, ten];
}

function row(
  what: string,
  cores: Target['cores'],
  target: string,
  seen: Spread | null,
  holds: (median: number) => boolean,
): Target {
  return { what, cores, target, seen, met: seen ? holds(seen.median) : null };
}

/** How the peak of memory has grown from a feed of another size, each way to screen; nothing for what was not run there. */
export function growthOf(all: readonly Contestant[], before: readonly { name: string; rssMiB: Spread }[]) {
  return all.flatMap(({ name, found, runs }) => {
    const then = before.find((one) => one.name === name);
    if (!found || !then) return [];
    const times = spreadOf(runs.map(({ rss }) => rss / then.rssMiB.median));
    return [{ name, times }];
  });
}
