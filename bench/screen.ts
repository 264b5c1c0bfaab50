// How fast a feed is screened beside JSON.parse of its lines, the naive way with the same libraries, and cql-execution;
// each in a process of its own, by turns. docs/performance.md tells how, and what was seen.
// `npm run bench:screen -- [--small | --long] [--people N] [--rounds N] [--synthea DIR] [--profile DIR] [parse] [naive] [cql] [screen] [full] [studies]`
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machine } from './push/machine.ts';
import { RESULTS, readResults, resultOf, writeResult } from './results.ts';
import { compare, WORDS } from './screen/compare.ts';
import { benchFeed } from './screen/feed.ts';
import { offered, screenOnce, waysOf } from './screen/ours.ts';
import { byRoom, selfTimes } from './screen/profile.ts';
import { canPin } from './screen/run.ts';
import { seenOf, tableLines } from './screen/table.ts';
import { growthOf, targetsOf } from './screen/targets.ts';

const SIZES = { small: 150, default: 2_500, long: 10_000 };
const PACKAGES = ['@medplum/core', '@medplum/fhir-router', 'fhirpath', 'ajv', 'cql-execution', 'cql-exec-fhir'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    people: { type: 'string' },
    labs: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: 'bench' },
    synthea: { type: 'string', default: fileURLToPath(new URL('../../shared/data/synthea-10/', import.meta.url)) },
    profile: { type: 'string' },
    results: { type: 'string', default: RESULTS },
  },
});
const size = values.small ? 'small' : values.long ? 'long' : 'default';
const [people, rounds] = [Number(values.people ?? SIZES[size]), Number(values.rounds)];
const { seed, synthea } = values;
const unknown = positionals.filter((word) => !(WORDS as readonly string[]).includes(word));
if (unknown.length > 0) throw new Error(`Not known: ${unknown.join(', ')}. There are ${WORDS.join(', ')}.`);
const wanted = (word: string) => positionals.length === 0 || positionals.includes(word);

const begun = performance.now();
const feed = benchFeed({ people, labs: Number(values.labs), seed, synthea });
console.log(
  `${people} people, ${(feed.bytes / 1e6).toFixed(0)} MB, ${feed.lines} resources in ${feed.folder}; ${machine()}.`,
);
if (feed.standIn) console.log(`There is no ${synthea}: made-up people stand in for those of Synthea.`);
if (!canPin) console.log('There is no taskset here: "one core" is not held on one core.');
const can = offered();
if (!can.full) console.log('`screen` has no --full: it parses everything anyway.');
if (!can.studies) console.log('`screen` takes one --study: ten studies cannot be measured.');
if (!can.workers) console.log('`screen` has no --workers: two workers cannot be measured.');

const all = await compare(feed, rounds, wanted, (name, { wall }) =>
  console.error(`  ${name}: ${(wall / 1_000).toFixed(1)} s`),
);
console.log(`\nMedians of ${rounds} rounds by turns, with the least and the greatest.\n`);
for (const line of tableLines(all, feed)) console.log(line);
const smaller = readResults(values.results).screen?.seen as Parameters<typeof seenBefore>[0];
const growth = size === 'long' ? growthOf(all, seenBefore(smaller)) : [];
for (const { name, times } of growth)
  console.log(
    `peak RSS beside 2,500 people, ${name}: ${times.median} (${times.min}–${times.max}) × (target: the same)`,
  );

const profiled = values.profile ? await profile(values.profile) : null;
const { bytes, lines, standIn } = feed;
const parameters = { people, bytes, lines, labs: Number(values.labs), seed, standIn, rounds, offered: can, canPin };
const seen = { contestants: all.map((one) => seenOf(one, feed)), targets: targetsOf(all), growth, profile: profiled };
const name = size === 'default' && values.people === undefined ? 'screen' : `screen-${values.people ?? size}`;
writeResult(name, resultOf(parameters, seen, PACKAGES), values.results);
console.log(`\n${machine()} at the end, after ${((performance.now() - begun) / 1_000).toFixed(0)} s.`);

function seenBefore(seen: { contestants: ReturnType<typeof seenOf>[] } | undefined) {
  return seen?.contestants ?? [];
}

/** Where the time of one screening on one core goes. */
async function profile(folder: string) {
  mkdirSync(folder, { recursive: true });
  const [keys, fresh] = [mkdtempSync(join(tmpdir(), 'bench-keys-')), mkdtempSync(join(folder, 'screen-'))];
  await screenOnce(feed, waysOf(can)[0]!, keys, fresh);
  rmSync(keys, { recursive: true });
  const rooms = byRoom(selfTimes(fresh), 4).filter(({ share }) => share >= 0.01);
  console.log(`\nWhere the time of one screening goes (profile in ${fresh}):`);
  for (const { room, share, top } of rooms) {
    console.log(`  ${(100 * share).toFixed(1).padStart(5)} %  ${room}`);
    for (const { where, milliseconds } of top) console.log(`             ${milliseconds.toFixed(0)} ms ${where}`);
  }
  return rooms.map(({ room, share }) => ({ room, share: Number(share.toFixed(3)) }));
}
