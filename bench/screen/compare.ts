import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurns } from '../rounds.ts';
import { type BenchFeed, FIRST_PEOPLE } from './feed.ts';
import { type Found, ONE_CORE, offered, screenOnce, startOnce, TEN, TWO_WORKERS, type Way, waysOf } from './ours.ts';
import { type Run, run } from './run.ts';
import { studiesIn } from './studies.ts';

const CQL_PEOPLE = 100;
const STUDIES = 10;

export { ONE_CORE, TEN, TWO_WORKERS };
export const PARSE_ONE = 'JSON.parse, one core';
export const PARSE = 'JSON.parse, both cores';
export const NAIVE = 'naive, one by one';
export const CQL = 'cql-execution';
export const START = 'screen, an empty file';

/** One contestant's runs, a round each. */
export interface Contestant {
  name: string;
  runs: Run[];
  /** Milliseconds a person, each round: of the whole process, or without its preparations where those are a peer's. */
  person: number[];
  /** Of a way to screen: which, and what it found. */
  way: Way | null;
  found: Found | null;
  /** Of a peer: people it looked at, and how many of them have a disease and a need. */
  candidates: { people: number; candidates: number; trues: number } | null;
}

/** Words of the command line. */
export const WORDS = ['parse', 'naive', 'cql', 'screen', 'full', 'studies'] as const;

/** Which contestants are wanted. */
export type Wanted = (word: (typeof WORDS)[number]) => boolean;

/**
 * Runs all contestants by turns, each in a process of its own.
 * @param tell hears of each run when it has ended
 * @throws when one fails, or two ways give other answers
 */
export async function compare(
  feed: BenchFeed,
  rounds: number,
  wanted: Wanted,
  tell: (name: string, run: Run) => void = () => {},
): Promise<Contestant[]> {
  const keys = await mkdtemp(join(tmpdir(), 'bench-keys-'));
  const made = await mkdtemp(join(tmpdir(), 'bench-studies-'));
  const program = (name: string) => join(import.meta.dirname, `${name}.ts`);
  const peer = (name: string, most: number) => () =>
    run({ program: program(name), args: [feed.first, String(Math.min(most, feed.people))], pinned: false });
  const parse = (pinned: boolean) => () => run({ program: program('parse'), args: [feed.folder], pinned });
  const wordOf = ({ options, studies }: Way) =>
    studies.length > 1 ? 'studies' : options.includes('--full') ? 'full' : 'screen';
  const several = wanted('studies') ? studiesIn(made, STUDIES) : [];
  const ways = waysOf(offered(), several).filter((way) => wanted(wordOf(way)));
  const variants: Record<string, () => Promise<Run & { found?: Found }>> = {
    ...(wanted('parse') ? { [PARSE_ONE]: parse(true), [PARSE]: parse(false) } : {}),
    ...(wanted('naive') ? { [NAIVE]: peer('naive', FIRST_PEOPLE) } : {}),
    ...(wanted('cql') ? { [CQL]: peer('cql', CQL_PEOPLE) } : {}),
    ...(wanted('screen') ? { [START]: () => startOnce(keys) } : {}),
    ...Object.fromEntries(ways.map((way) => [way.name, () => screenOnce(feed, way, keys)])),
  };
  try {
    const told = Object.entries(variants).map(([name, once]) => {
      const run = async () => {
        const done = await once();
        tell(name, done);
        return done;
      };
      return [name, run] as const;
    });
    const given = await inTurns(Object.fromEntries(told), rounds);
    const all = [...given].map(([name, runs]) => contestant(name, runs, ways, feed.people));
    for (const { name, runs } of all)
      if (name === PARSE_ONE || name === PARSE)
        for (const { said } of runs)
          if (said.lines !== feed.lines) throw new Error(`${name} read ${said.lines} of ${feed.lines} lines`);
    agree([...given].flatMap(([name, runs]) => runs.flatMap(({ found }) => (found ? [{ name, found }] : []))));
    return all;
  } finally {
    for (const folder of [keys, made]) await rm(folder, { recursive: true });
  }
}

function contestant(name: string, runs: (Run & { found?: Found })[], ways: readonly Way[], people: number): Contestant {
  const peer = name === NAIVE || name === CQL;
  const candidates = peer ? (runs[0]!.said as NonNullable<Contestant['candidates']>) : null;
  const person = runs.map(({ wall, said }) =>
    candidates ? (said.milliseconds as number) / candidates.people : wall / people,
  );
  const way = ways.find((one) => one.name === name) ?? null;
  return { name, runs, person, way, found: runs[0]!.found ?? null, candidates };
}

/** All ways must find the same, and what the stories of the demo generator say. */
function agree(ways: readonly { name: string; found: Found }[]): void {
  const [first] = ways;
  for (const { name, found } of ways) {
    if (found.unexpected.length > 0)
      throw new Error(`${name}: these came out otherwise than told:\n${found.unexpected.join('\n')}`);
    if (found.answers !== first!.found.answers) throw new Error(`${name} gives other answers than ${first!.name}`);
  }
}
