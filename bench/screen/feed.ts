import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as b from '../../test/feed/builders.ts';
import { tell } from '../../test/feed/people.ts';
import { seededRandom } from '../../test/feed/random.ts';
import { STORIES, type Story } from '../../test/feed/stories.ts';
import { copyDigits, exportedPeople, ordinaryValues, type SourcePerson, standInPeople } from './people.ts';

/** Raised when the same parameters give other bytes. */
const EDITION = 1;
const DEMO_EVERY = 10;
const CHUNK = 1 << 20;
/** People of the side file, for contestants that take people one by one. */
export const FIRST_PEOPLE = 250;

export interface FeedParameters {
  people: number;
  /** Laboratory values of each copied person. */
  labs: number;
  seed: string;
  /** A folder of NDJSON of a bulk export (Synthea); where it is not there, made-up people stand in. */
  synthea: string;
}

/** A person of the demo generator, and the status that screening on {@link AS_OF} must find; null: no subject. */
export interface DemoPerson {
  patient: string;
  story: string;
  status: string | null;
}

export interface BenchFeed {
  /** One NDJSON file for each type, as a bulk export has it. */
  folder: string;
  /** The first people once more, one after another: NDJSON, an empty line after each person. */
  first: string;
  bytes: number;
  lines: number;
  people: number;
  /** Whether made-up people stand in for those of Synthea. */
  standIn: boolean;
  demo: DemoPerson[];
}

/** The clock of the expectations, and of every screening of this feed. */
export { AS_OF } from '../../test/feed/story.ts';
/** All people of the feed are of this hospital. */
export const SITE = 'ya';

/** Stories that are told in one delivery of NDJSON, at any hospital. */
const TOLD = STORIES.filter(
  ({ site = SITE, packaging, deleted, redelivered }) => site === SITE && !packaging && !deleted && !redelivered,
);

/**
 * A feed of many people: one in ten told by the demo generator, the others copies of exported people under new ids and
 * with ordinary laboratory values. The same parameters and sources give the same bytes. Written once, in a stream, under
 * `root`; found there the next time.
 */
export function benchFeed(parameters: FeedParameters, root = join(tmpdir(), 'study-gateway-bench')): BenchFeed {
  const { people, labs, seed, synthea } = parameters;
  const exported = exportedPeople(synthea);
  const sources = exported.length > 0 ? exported : standInPeople(seed);
  const mark = createHash('sha256').update(JSON.stringify([EDITION, people, labs, seed, sources, TOLD.map(nameOf)]));
  const place = join(root, `feed-${people}-${mark.digest('hex').slice(0, 12)}`);
  const about = join(place, 'about.json');
  if (!existsSync(about)) {
    const making = `${place}.${process.pid}`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(join(making, 'feed'), { recursive: true });
    const written = write(making, parameters, sources);
    writeFileSync(join(making, 'about.json'), JSON.stringify({ ...written, standIn: exported.length === 0 }));
    rmSync(place, { recursive: true, force: true });
    renameSync(making, place);
  }
  const kept = JSON.parse(readFileSync(about, 'utf8')) as Omit<BenchFeed, 'folder' | 'first'>;
  return { folder: join(place, 'feed'), first: join(place, 'first-people.ndjson'), ...kept };
}

const nameOf = ({ name }: Story) => name;

function write(place: string, { people, labs, seed }: FeedParameters, sources: readonly SourcePerson[]) {
  const files = new Map<string, Lines>();
  const first = openLines(join(place, 'first-people.ndjson'));
  const random = seededRandom(`${seed}/bench`);
  const stories = TOLD.map((story) => ({ story, key: random.next() })).sort((x, y) => x.key - y.key);
  const demo: DemoPerson[] = [];
  let lines = 0;
  for (let number = 1; number <= people; number++) {
    const put = (type: string, line: string) => {
      lines++;
      const file = files.get(type) ?? openLines(join(place, 'feed', `${type}.ndjson`));
      files.set(type, file);
      file.add(line);
      if (number <= FIRST_PEOPLE) first.add(line);
    };
    if (number % DEMO_EVERY === 0) {
      const { story } = stories[demo.length % stories.length]!;
      const { person, resources } = tell(story, SITE, number, seed);
      for (const one of resources) put(one.resourceType, JSON.stringify(one));
      demo.push({ patient: person.patient, story: person.story, status: person.expected?.status ?? null });
    } else {
      const digits = copyDigits(number);
      const source = random.pick(sources);
      for (const { type, parts } of source) put(type, parts.join(digits));
      const ctx = b.feedContext(SITE, number, seed);
      const patientId = /"id":"([^"]+)"/.exec(source[0]!.parts.join(digits))![1]!;
      for (const one of ordinaryValues({ ...ctx, patientId }, labs)) put(one.resourceType, JSON.stringify(one));
    }
    if (number <= FIRST_PEOPLE) first.add('');
  }
  first.close();
  const bytes = [...files.values()].reduce((sum, file) => sum + file.close(), 0);
  return { bytes, lines, people, demo };
}

/** A file that is written a chunk at a time. */
interface Lines {
  add(line: string): void;
  /** @returns bytes written */
  close(): number;
}

function openLines(path: string): Lines {
  const file = openSync(path, 'w', 0o600);
  let [waiting, length, bytes] = [[] as string[], 0, 0];
  const flush = () => {
    if (waiting.length > 0) bytes += writeSync(file, `${waiting.join('\n')}\n`);
    [waiting, length] = [[], 0];
  };
  return {
    add(line) {
      waiting.push(line);
      length += line.length;
      if (length >= CHUNK) flush();
    },
    close() {
      flush();
      closeSync(file);
      return bytes;
    },
  };
}
