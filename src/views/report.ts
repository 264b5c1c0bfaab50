import type { ScreenedSubject } from '../pipeline/screen.ts';
import { csvLine } from '../tables/csv.ts';
import { LineFile } from './line-file.ts';
import { SubjectCounts } from './subject-counts.ts';
import { type WorklistRow, worklistRow } from './worklist.ts';

/** What a report says of itself. `asOf`: a day. */
export interface About {
  study: string;
  studyVersion: string;
  asOf: string;
}

/** Columns of `screening-log.csv`. No day on which something turns by age: a birthday would stand beside a pseudonym. */
export const LOG_COLUMNS = [
  'as_of',
  'site',
  'subject',
  'status',
  'reason',
  'group',
  'stratum',
  'flags',
  'open_items',
  'study_version',
];

/**
 * What is reported of subjects, made while they are screened: each is counted, becomes a line of the worklist and one of
 * the screening log, and is let go. What comes of it does not depend on their order.
 */
export class SubjectReport {
  counts = new SubjectCounts();
  #about: About;
  #worklist = new LineFile();
  #log = new LineFile();

  constructor(about: About) {
    this.#about = about;
  }

  /** Begins anew: another screening counts. */
  clear(): void {
    this.counts = new SubjectCounts();
    this.#worklist.clear();
    this.#log.clear();
  }

  add(found: ScreenedSubject): void {
    const row = worklistRow(found);
    this.counts.add(row, found);
    this.#worklist.put(`${row.site}|${row.patient}`, `${JSON.stringify(row)}\n`);
    this.#log.put(row.subject, csvLine(logRow(row, this.#about)));
  }

  /** @param patient a surviving Patient id */
  isSubject(site: string, patient: string): boolean {
    return this.#worklist.has(`${site}|Patient/${patient}`);
  }

  /** `worklist.ndjson`, by site and patient. */
  worklist(): Iterable<Uint8Array> {
    return this.#worklist.inOrder();
  }

  /** The rows of `screening-log.csv`, by subject. */
  log(): Iterable<Uint8Array> {
    return this.#log.inOrder();
  }

  close(): void {
    this.#worklist.close();
    this.#log.close();
  }
}

/** The screening log (ICH E6): who was screened with which outcome, under pseudonyms. */
function logRow(row: WorklistRow, { asOf, studyVersion }: About): (string | null)[] {
  const open = new Set(row.criteria.flatMap(({ missing }) => (missing ?? []).map(({ what }) => what)));
  const { site, subject, status, reason, group, stratum, flags } = row;
  return [asOf, site, subject, status, reason, group, stratum, flags.join(' '), [...open].join(' '), studyVersion];
}
