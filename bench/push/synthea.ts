import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** A transaction Bundle as text, and how many entries it has. */
export interface BundleText {
  text: string;
  entries: number;
}

/** The transaction Bundles of a folder (Synthea); none when it is not there. */
export function bundlesIn(folder: string): BundleText[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const { type, entry } = JSON.parse(text) as { type?: string; entry?: unknown[] };
      return type === 'transaction' && entry ? [{ text, entries: entry.length }] : [];
    });
}

/** Social security number, driver's licence and passport, as Synthea makes them: else the copies were one person. */
const NUMBER = /"(999-\d\d-\d{4}|S999\d{5}|X\d{5,}X)"/g;

/** The same Bundle about other people: every uuid another one, the same everywhere; their numbers too. */
export function otherPeople({ text, entries }: BundleText, copy: number): BundleText {
  const numbered = text.replace(NUMBER, (_, number) => `"${number}-${copy}"`);
  const renamed = numbered.replace(UUID, (uuid) => {
    const hex = createHash('sha256').update(`${copy} ${uuid}`).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  });
  return { text: renamed, entries };
}
