import type { ResourceKey } from '../fhir/resource.ts';
import type { ClientTables } from './client-rows.ts';
import type { ExportTables } from './export-rows.ts';
import type { FeedTables } from './feed-rows.ts';
import type { IdentifierTables } from './identifier-rows.ts';
import type { OutboxTables } from './outbox-rows.ts';
import type { ConcernTables, PendingTables } from './pending-rows.ts';
import type { QuarantineTables } from './quarantine-rows.ts';
import type { ReleaseTables } from './release-rows.ts';
import type {
  DecisionRow,
  HeldRow,
  LineageRow,
  NumberRow,
  PurgeCounts,
  ResearchRow,
  TaskRow,
  TombstoneRow,
} from './research-rows.ts';
import type { ScanTables } from './scan-rows.ts';
import type { StandingTables } from './standing-rows.ts';
import type { SubscriberTables } from './subscriber-rows.ts';
import type { VerdictTables } from './verdict-rows.ts';
import type { WorkRows } from './work-rows.ts';

/**
 * The rank of a version among the versions of one resource. Higher wins, whatever the order of arrival:
 * by `at` (dated beats undated), then `number`, then `hash`.
 */
export interface VersionRank {
  /** meta.lastUpdated as a UTC instant with nine fractional digits, so that text order is time order. */
  at: string | null;
  /** meta.versionId when it is a non-negative integer. */
  number: number | null;
  /** SHA-256 (hex) of the resource in canonical JSON. */
  hash: string;
}

/** The newest known version of one resource at one hospital. */
export interface RecordRow extends ResourceKey {
  /**
   * Whose record it belongs to: a Patient id of that site, or `?` and an alias (an identifier hash or a urn)
   * that may lead to a Patient later. Null when the version does not say (a deletion of something unknown).
   */
  person: string | null;
  rank: VersionRank;
  /** meta.versionId as sent, for evidence references. */
  versionId: string | null;
  deleted: boolean;
  /** What is kept of the resource; opaque to the store. Null for a deletion. */
  body: string | null;
  /** Our own counter of the versions that were the newest, from 1. */
  revision: number;
}

/** What is left of a resource that was read and not kept. */
export interface DroppedRow {
  /** The highest rank of its versions. */
  rank: VersionRank;
  /** As that of a `RecordRow`. */
  revision: number;
}

/** A local code that no map knows, in one resource. */
export interface UnmappedRow extends ResourceKey {
  person: string | null;
  system: string;
  code: string;
  text: string | null;
  /** Another coding of the same concept was understood. */
  alsoCoded: boolean;
}

export interface UnmappedCount {
  site: string;
  type: string;
  system: string;
  code: string;
  text: string | null;
  resources: number;
  people: number;
  /** How many of the resources carried another code that was understood. */
  alsoCoded: number;
}

export interface PseudonymRow {
  site: string;
  patient: string;
  pseudonym: string;
  /** Fingerprint of the key it was made with. */
  keyId: string;
  /** Rises with time: the earlier of two pseudonyms has the lower number. */
  sequence: number;
}

/** One move of a subject from one status to another; kept at the hospital, since evidence names hospital resources. */
export interface MoveRow {
  subject: string;
  /** Instant of the move (ISO 8601, UTC). */
  at: string;
  from: string | null;
  to: string;
  reason: string | null;
  cause: 'data' | 'criteria' | 'consent' | 'merge' | 'decision' | 'clock';
  studyVersion: string;
  evidence: string[];
}

/** The person behind a subject, at the hospital. */
export interface EnrolmentRow {
  subject: string;
  site: string;
  patient: string;
  /** JSON of the latest assessment's state; opaque to the store. */
  state: string;
}

export interface AuditRow {
  at: string;
  actor: string;
  action: string;
  /** Pseudonymous id or a code; never a hospital id. */
  object: string | null;
  detail: string | null;
}

/** Tables of the hospital side: identities live here and nowhere else. */
export interface HospitalTables
  extends QuarantineTables,
    PendingTables,
    ConcernTables,
    IdentifierTables,
    ScanTables,
    WorkRows,
    FeedTables,
    SubscriberTables {
  record(key: ResourceKey): Promise<RecordRow | null>;
  putRecord(row: RecordRow): Promise<void>;
  /** All rows, deletions included, whose `person` is one of those given. Ordered by type, then id. */
  recordsOf(site: string, persons: readonly string[]): Promise<RecordRow[]>;
  /** Distinct persons of all rows with site, ordered by site, person; pages of at most `limit` after the given pair. */
  personsAfter(site: string, person: string, limit: number): Promise<{ site: string; person: string }[]>;

  /** `idHash` instead of the id. */
  dropped(site: string, type: string, idHash: string): Promise<DroppedRow | null>;
  /** Changes nothing when a version of the same or a higher rank is there. */
  putDropped(site: string, type: string, idHash: string, row: DroppedRow): Promise<void>;

  /** Replaces the aliases of a patient. */
  putAliases(site: string, patient: string, aliases: readonly string[]): Promise<void>;
  patientsOf(site: string, alias: string): Promise<string[]>;
  aliasesOf(site: string, patient: string): Promise<string[]>;
  /** Replaces the merge links that one Patient declares, its own or (`replaces`) of another (ids of the same site). */
  putLinks(site: string, declaredBy: string, links: readonly { from: string; to: string }[]): Promise<void>;
  links(site: string): Promise<{ from: string; to: string }[]>;

  /** Replaces the unmapped codes of one resource. */
  putUnmapped(key: ResourceKey, rows: readonly UnmappedRow[]): Promise<void>;
  /** Ordered by people (most first), then site, type, system, code. */
  unmappedCounts(): Promise<UnmappedCount[]>;

  pseudonyms(site: string, patients: readonly string[]): Promise<PseudonymRow[]>;
  /** Adds a pseudonym; the store gives the sequence number. */
  addPseudonym(row: Omit<PseudonymRow, 'sequence'>): Promise<void>;
  enrolment(subject: string): Promise<EnrolmentRow | null>;
  enrolments(): Promise<EnrolmentRow[]>;
  putEnrolment(row: EnrolmentRow): Promise<void>;
  removeEnrolment(subject: string): Promise<void>;
  addMove(row: MoveRow): Promise<void>;
  /** In the order they happened. */
  moves(subject: string): Promise<MoveRow[]>;

  /** Throws when the id exists: decisions are added, never changed. */
  addDecision(row: DecisionRow): Promise<void>;
  decision(id: string): Promise<DecisionRow | null>;
  /** Of all these patients together, in the order they were added. */
  decisionsOf(site: string, patients: readonly string[]): Promise<DecisionRow[]>;

  /** Replaces the lineage of one research resource. */
  putLineage(row: LineageRow): Promise<void>;
  /** @param research `Type/<pseudonymous id>` */
  lineage(research: string): Promise<LineageRow | null>;
  /** Ordered by `research`. */
  lineageOf(subject: string): Promise<LineageRow[]>;
  removeLineage(research: string): Promise<void>;
  /** Replaces what is held of one subject. */
  putHeld(subject: string, rows: readonly HeldRow[]): Promise<void>;
  /** Of all subjects; ordered by subject, source, reason, expression, message. */
  held(): Promise<HeldRow[]>;

  /** All tasks of one subject, ended ones too, ordered by id. */
  tasksOf(subject: string): Promise<TaskRow[]>;
  /** Of all subjects, ordered by id. */
  openTasks(): Promise<TaskRow[]>;
  /** Replaces a task by its newer version. */
  putTask(row: TaskRow): Promise<void>;

  /**
   * Deletes every row that names these people: their records, aliases, merge links (also those that another Patient
   * declares), unmapped codes, pseudonyms, decisions, tasks, enrolments, pending marks, work on their records, and the
   * moves, lineage and held resources of their subjects, also of subjects merged into theirs, and what is shown
   * of these, and what was set aside that may concern them. Ranks of dropped versions stay: they hold a hash in place of the id; notices
   * too: they hold a pseudonym.
   * @param patients ids of all merged Patients of these people
   * @param persons what `RecordRow.person` may be besides: `?alias`es that lead to these people and to nobody else
   */
  purgePeople(site: string, patients: readonly string[], persons: readonly string[]): Promise<PurgeCounts>;
  /** The first tombstone of a hash stays; adding another changes nothing. */
  addTombstone(row: TombstoneRow): Promise<void>;
  /** Ordered by `at`, then hash. */
  tombstones(site: string): Promise<TombstoneRow[]>;
  isTombstoned(site: string, hash: string): Promise<boolean>;
}

/** Tables that hold no identity: ResearchSubjects, their numbers and research records, under pseudonyms. */
export interface StudyTables extends ReleaseTables, VerdictTables, StandingTables, ExportTables, OutboxTables {
  subject(id: string): Promise<SubjectRow | null>;
  /** Live subjects, ordered by id. */
  subjects(): Promise<SubjectRow[]>;
  /** The same, so many at a time, those whose id is greater. */
  subjectsAfter(id: string, limit: number): Promise<SubjectRow[]>;
  /** Writes a new version: history keeps every one. */
  putSubject(row: SubjectRow): Promise<void>;
  history(id: string): Promise<SubjectRow[]>;

  /**
   * The participant number of a subject in a group: the one it holds, else the next of the group's one counter over
   * all sites. No gap, no reuse; what a rolled back transaction took is taken by the next.
   * Throws while the subject holds a number of another group.
   */
  takeNumber(group: string, subject: string, at: string): Promise<number>;
  /** The number stays in the ledger and is never given again. Throws when it was not given or is void already. */
  voidNumber(group: string, number: number, reason: string, at: string): Promise<void>;
  /** The number a subject holds; null when it has none or it was voided. */
  numberOf(subject: string): Promise<{ group: string; number: number } | null>;
  /** The whole ledger, void ones included, ordered by group, number. */
  numbers(): Promise<NumberRow[]>;

  /** The newest version, also when it is a deletion. */
  research(type: string, id: string): Promise<ResearchRow | null>;
  /** The newest versions that are of this subject, deletions included, ordered by type, then id. */
  researchOf(subject: string): Promise<ResearchRow[]>;
  /** Writes a new version: history keeps every one. Throws when the version exists. */
  putResearch(row: ResearchRow): Promise<void>;
  /** Ordered by version. */
  researchHistory(type: string, id: string): Promise<ResearchRow[]>;
}

export interface SubjectRow {
  id: string;
  version: number;
  lastUpdated: string;
  deleted: boolean;
  /** JSON of the ResearchSubject. */
  body: string;
}

export interface Transaction {
  hospital: HospitalTables;
  study: StudyTables;
  clients: ClientTables;
  addAudit(row: AuditRow): Promise<void>;
  audit(): Promise<AuditRow[]>;
  setting(name: string): Promise<string | null>;
  putSetting(name: string, value: string): Promise<void>;
}

/** The only door to what is kept. Everything inside `work` becomes durable together, or not at all. */
export interface Store {
  /**
   * Runs `work` in one transaction: commits when its promise resolves, rolls back and rethrows when it rejects.
   * Resolves once the result is durable. Works begun at the same time may be committed together, yet each sees only
   * what was finished before it, and one that rejects takes back its own writes alone. Inside, await nothing but the
   * transaction: what takes long holds up the others, and the outcome of another work may never come.
   */
  withTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Reads what is committed, beside the writer and without waiting for it; `work` must write nothing. All its reads see
   * one state.
   * @param options `unsettled`: the result may be told before what it rests on has reached the disk. For what is only
   * weighed inside: whatever is written because of it reaches the disk after it.
   */
  read<T>(work: (tx: Transaction) => Promise<T>, options?: { unsettled?: boolean }): Promise<T>;
  /**
   * A moment below that of every transaction still open: whatever is written with a time that its transaction read from
   * the clock is either there for whoever reads from now on, or later than this moment.
   * @param clock the one that writers read, in milliseconds since 1970
   */
  settled(clock: () => number): Promise<number>;
  close(): Promise<void>;
}
