import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Refused } from '../../src/fhir/refusal.ts';
import type { Arrival } from '../../src/intake/arrival.ts';
import { listFeed } from '../../src/intake/files.ts';
import { type ReadOptions, readFeed } from '../../src/intake/read.ts';

/** A folder of its own for one test. */
export function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'feed-'));
}

/** Everything that reading these paths yields. */
export async function readPaths(paths: string[], options: ReadOptions = {}): Promise<(Arrival | Refused)[]> {
  const listing = await listFeed(paths);
  if ('missing' in listing) throw new Error(`missing: ${listing.missing.join(' ')}`);
  return all(readFeed(listing.files, options));
}

/** All items, in order. */
export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Everything that reading one file of this content yields. */
export async function readContent(content: string | Buffer, options: ReadOptions = {}): Promise<(Arrival | Refused)[]> {
  const path = join(await folder(), 'feed');
  await writeFile(path, content);
  return readPaths([path], options);
}

/** Arrivals and refusals in short: `3 Patient/a`, `4 invalid-json`, `1[2] DELETE Patient/b`. */
export function brief(items: (Arrival | Refused)[]): string[] {
  return items.map((item) => {
    const { line, entry } = item.place;
    const place = `${line ?? '-'}${entry === null ? '' : `[${entry}]`}`;
    if (item.kind === 'refused') return `${place} ${item.reason}`;
    if (item.kind === 'resource') return `${place} ${item.resource.resourceType}/${item.resource.id}`;
    if (item.kind === 'deletion') return `${place} DELETE ${item.type}/${item.id}`;
    return `${place} ${item.reason} ${item.type}`;
  });
}

/** One line of NDJSON. */
export function patient(id: string): string {
  return JSON.stringify({ resourceType: 'Patient', id });
}
