import type { TaskRow } from './research-rows.ts';

/** What the hospital knows of a ResearchSubject beside its content, which stands on the study side. */
export interface ShownSubjectRow {
  subject: string;
  site: string;
  /** Version and instant of the newest version. */
  version: number;
  lastUpdated: string;
  status: string;
  /** Reason of the status, as lists may show it. */
  reason: string | null;
  /** Merged into another: nothing is shown any more. */
  gone: boolean;
}

/** A flag of a subject, with the newest version of the subject that it stood in (or was let go by). */
export interface ShownFlagRow {
  id: string;
  site: string;
  subject: string;
  flag: string;
  version: number;
  lastUpdated: string;
  gone: boolean;
}

/** What may be read of by whoever follows the changes of a site: no patient, no reason, no evidence. */
export interface NoticeRow {
  site: string;
  /** 1, 2, 3 … within the site, without gaps, in the order of the changes. */
  number: number;
  type: 'ResearchSubject' | 'Task';
  id: string;
  version: number;
  /** Null when the resource is gone. */
  status: string | null;
  kind: 'new-candidate' | 'new' | 'changed' | 'gone';
  /** Instant of the change (ISO 8601, UTC). */
  at: string;
}

/** The rows that can be searched, by type of the resource. */
export interface FeedRows {
  ResearchSubject: ShownSubjectRow;
  Task: TaskRow;
  Flag: ShownFlagRow;
}

export type FeedType = keyof FeedRows;

/** A search of one type at one site. */
export interface FeedQuery {
  site: string;
  /** Instants of three fractional digits, UTC: `from` included, `until` excluded. */
  from: string | null;
  until: string | null;
  ids: readonly string[] | null;
  /** Alternatives by search parameter: `status`; of a Task also `code` and `focus`. */
  where: Readonly<Partial<Record<'status' | 'code' | 'focus', readonly string[]>>>;
  /** Newest first. */
  falling: boolean;
  /** The row after which the page begins, in the order asked for. */
  after: { lastUpdated: string; id: string } | null;
  limit: number;
}

/** What the hospital's own side of the service reads. */
export interface FeedTables {
  putShownSubject(row: ShownSubjectRow): Promise<void>;
  shownSubject(subject: string): Promise<ShownSubjectRow | null>;
  /** Those of a site that are not gone, ordered by subject. */
  shownSubjects(site: string): Promise<ShownSubjectRow[]>;
  putShownFlag(row: ShownFlagRow): Promise<void>;
  shownFlag(id: string): Promise<ShownFlagRow | null>;
  /** Gone ones too, ordered by flag. */
  shownFlagsOf(subject: string): Promise<ShownFlagRow[]>;
  task(id: string): Promise<TaskRow | null>;

  /** Ordered by lastUpdated, then id; without what is gone. */
  feedPage<T extends FeedType>(type: T, query: FeedQuery): Promise<FeedRows[T][]>;
  /** How many there are on all pages. */
  feedCount(type: FeedType, query: FeedQuery): Promise<number>;

  /** Adds a notice; the store gives the number. */
  addNotice(row: Omit<NoticeRow, 'number'>): Promise<void>;
  /** In the order of their numbers. */
  noticesAfter(site: string, number: number, limit: number): Promise<NoticeRow[]>;
  /** The newest of a site; null before there is one. @param type of this type only */
  lastNotice(site: string, type?: NoticeRow['type']): Promise<NoticeRow | null>;
}
