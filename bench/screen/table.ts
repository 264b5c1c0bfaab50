import { spreadOf } from '../results.ts';
import { spread } from '../rounds.ts';
import { type Contestant, CQL, ONE_CORE, PARSE_ONE, START } from './compare.ts';
import type { BenchFeed } from './feed.ts';
import type { Run } from './run.ts';
import { targetsOf } from './targets.ts';

const NONE = '–';

/** What stands in the results of one contestant. */
export function seenOf(one: Contestant, feed: BenchFeed) {
  const { name, runs, person, found, candidates } = one;
  const of = (what: 'wall' | 'cpu' | 'rss') => spreadOf(runs.map((run) => run[what]));
  return {
    name,
    milliseconds: of('wall'),
    processor: of('cpu'),
    rssMiB: of('rss'),
    megabytesPerSecond: readsAll(one) ? spreadOf(runs.map(({ wall }) => feed.bytes / 1_000 / wall)) : null,
    peoplePerSecond: candidates === null && found === null ? null : spreadOf(person.map((each) => 1_000 / each)),
    ...(candidates ? { people: candidates.people, candidates: candidates.candidates, trues: candidates.trues } : {}),
    ...(found ? { people: found.people, subjects: found.subjects, eligible: found.eligible } : {}),
  };
}

/** The tables as lines to print: the contestants, then the targets. */
export function tableLines(all: readonly Contestant[], feed: BenchFeed): string[] {
  const head = ['', 'seconds', 's of processor', 'MB/s', 'people/s', 'peak RSS, MiB', 'found'];
  const body = all.map((one) => {
    const { name, runs, person, candidates, found } = one;
    const of = (value: (run: Run) => number, digits?: number) => spread(runs.map(value), digits);
    const each = person.map((milliseconds) => 1_000 / milliseconds);
    return [
      name,
      of(({ wall }) => wall / 1_000),
      of(({ cpu }) => cpu / 1_000),
      readsAll(one) ? of(({ wall }) => feed.bytes / 1_000 / wall, 0) : NONE,
      candidates || found ? spread(each, 1) : NONE,
      of(({ rss }) => rss, 0),
      wordsOf(one),
    ];
  });
  const targets = targetsOf(all).map(({ what, cores, target, seen, met }) => [
    ...[what, cores, target],
    seen ? `${seen.median} (${seen.min}–${seen.max})` : 'not measured',
    met === null ? NONE : met ? 'met' : 'not met',
  ]);
  const [cql, ours] = [CQL, ONE_CORE].map((name) => all.find((one) => one.name === name));
  const times =
    cql && ours
      ? spread(
          cql.person.map((each, round) => each / ours.person[round]!),
          1,
        )
      : null;
  const parse = all.find(({ name }) => name === PARSE_ONE);
  const processor = parse && ours ? ours.runs.map(({ cpu }, round) => parse.runs[round]!.cpu / cpu) : null;
  return [
    ...columns([head, ...body]),
    '',
    ...columns([['against the targets', '', 'target', 'seen', ''], ...targets]),
    `in processor time, one core, beside JSON.parse: ${processor ? `${spread(processor)} ×` : 'not measured'} (no target)`,
    `people/s beside cql-execution, one core: ${times === null ? 'not measured' : `${times} ×`} (no target)`,
  ];
}

function wordsOf({ found, candidates }: Contestant): string {
  if (found) return `${found.subjects} subjects (${found.eligible} eligible) of ${found.people}`;
  return candidates ? `${candidates.candidates} candidates of ${candidates.people}` : NONE;
}

/** Whether it reads the whole feed: the peers take some people, the start none. */
const readsAll = ({ name, candidates }: Contestant) => candidates === null && name !== START;

function columns(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
}
