import type { Candidate } from './render.ts';

/** A page of rows of one type as it passes to a thread: few long texts pass much faster than many short ones. */
export interface Columns {
  type: string;
  id: Texts;
  subject: Texts;
  lastUpdated: Texts;
  body: Texts;
  version: number[];
  sites: (string | null)[];
  /** Index in `sites`. */
  site: number[];
}

/** Texts, one behind the other, and where each ends. */
interface Texts {
  all: string;
  ends: number[];
}

export function columnsOf(rows: readonly Candidate[]): Columns {
  const type = rows[0]?.type ?? '';
  if (rows.some((row) => row.type !== type)) throw new Error('A page has rows of several types.');
  const sites = [...new Set(rows.map(({ site }) => site))];
  return {
    type,
    id: joined(rows.map(({ id }) => id)),
    subject: joined(rows.map(({ subject }) => subject)),
    lastUpdated: joined(rows.map(({ lastUpdated }) => lastUpdated)),
    body: joined(rows.map(({ body }) => body)),
    version: rows.map(({ version }) => version),
    sites,
    site: rows.map(({ site }) => sites.indexOf(site)),
  };
}

export function rowsOf({ type, version, sites, site, ...columns }: Columns): Candidate[] {
  const [id, subject, lastUpdated, body] = [columns.id, columns.subject, columns.lastUpdated, columns.body].map(apart);
  return version.map((_, at) => ({
    type,
    id: id![at]!,
    subject: subject![at]!,
    version: version[at]!,
    lastUpdated: lastUpdated![at]!,
    site: sites[site[at]!] ?? null,
    body: body![at]!,
  }));
}

function joined(texts: readonly string[]): Texts {
  let end = 0;
  return { all: texts.join(''), ends: texts.map(({ length }) => (end += length)) };
}

function apart({ all, ends }: Texts): string[] {
  return ends.map((end, at) => all.slice(ends[at - 1] ?? 0, end));
}
