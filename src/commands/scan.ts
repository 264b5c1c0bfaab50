import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Identifier, identifiersOf } from '../identity/identifiers-of.ts';
import { createScanner, type ScanSource } from '../identity/scanner.ts';
import { listFeed } from '../intake/files.ts';
import { readFeed } from '../intake/read.ts';
import { CannotStart, EXIT } from './exit.ts';

export interface ScanOptions {
  /** Files and folders that are looked through. */
  in: string[];
}

/**
 * Looks for every identifier of a feed in files; prints a line for each find (file, byte, kind, form), never the
 * identifier. What cannot be read is told and counts as a find.
 * @returns 0 when nothing was found
 */
export async function scanCommand(feed: string[], options: ScanOptions): Promise<number> {
  const { identifiers, unread } = await identifiersOfFeed(feed);
  const scanner = createScanner(identifiers);
  if (scanner.texts === 0) throw new CannotStart('The feed holds no identifier: nothing could be found.');
  const files = (await Promise.all(options.in.map(filesUnder))).flat();
  let found = 0;
  for (const file of files) {
    for await (const one of scanner.scan(sourceOf(file))) {
      found++;
      const what =
        'unread' in one
          ? `-\t${one.unread}\t-`
          : `${one.offset ?? 'name'}\t${one.kind}\t${one.form}${one.packed ? ' in gzip' : ''}`;
      process.stdout.write(`${one.file}\t${what}\n`);
    }
  }
  const { texts, tooShort } = scanner;
  process.stdout.write(
    `${files.length} files looked through for ${texts} texts: ${found === 0 ? 'nothing found' : `${found} found`}.\n`,
  );
  if (tooShort > 0) process.stdout.write(`${tooShort} identifiers are too short to be looked for.\n`);
  if (unread > 0)
    process.stdout.write(`${unread} items of the feed cannot be read; what they name was not looked for.\n`);
  return found === 0 ? EXIT.done : EXIT.setAside;
}

/** Every identifier of a feed, and how many of its items cannot be read. */
export async function identifiersOfFeed(paths: string[]): Promise<{ identifiers: Identifier[]; unread: number }> {
  const listing = await listFeed(paths);
  if ('missing' in listing) throw new CannotStart(`Cannot be read, or is not there: ${listing.missing.join(', ')}.`);
  const identifiers = new Map<string, Identifier>();
  let unread = 0;
  for await (const arrival of readFeed(listing.files)) {
    if (arrival.kind === 'refused') unread++;
    else if (arrival.kind === 'deletion') identifiers.set(arrival.id, { kind: 'resource-id', value: arrival.id });
    else if (arrival.kind === 'resource') {
      for (const one of identifiersOf(arrival.resource))
        if (!identifiers.has(one.value)) identifiers.set(one.value, one);
    }
  }
  return { identifiers: [...identifiers.values()], unread };
}

export function sourceOf(file: string): ScanSource {
  return { name: file, content: createReadStream(file, { highWaterMark: 256 * 1024 }) };
}

/** All files under a path, hidden ones too. */
async function filesUnder(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new CannotStart(`Cannot be read, or is not there: ${path}.`);
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path);
  return (await Promise.all(entries.sort().map((name) => filesUnder(join(path, name))))).flat();
}
