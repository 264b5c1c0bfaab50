/** A bulk export that a registry's client asked for. */
export interface ExportRow {
  id: string;
  client: string;
  registry: string;
  /** What was asked for; opaque to the store. */
  plan: string;
  state: 'waiting' | 'done' | 'failed';
  /** Stable code of why it failed. */
  code: string | null;
  /** Instant of the request (ISO 8601, UTC). */
  at: string;
  /** How far it has come; opaque to the store, null at the beginning. */
  mark: string | null;
  /** Resources looked at so far. */
  resources: number;
  /** Instant from which it is no longer kept; null while it is not finished. */
  expiresAt: string | null;
}

/** One finished file of an export. */
export interface ExportFileRow {
  export: string;
  /** From 1, in the order in which they were finished. */
  number: number;
  kind: 'output' | 'deleted' | 'error';
  /** Resource type of its lines. */
  type: string;
  lines: number;
}

/** Exports and their files, so that one goes on where it was when the program ended. */
export interface ExportTables {
  /** Throws when the id exists. */
  addExport(row: ExportRow): Promise<void>;
  export(id: string): Promise<ExportRow | null>;
  /** Waiting ones of all clients, the oldest first. */
  waitingExports(): Promise<ExportRow[]>;
  /** Notes state, code, mark, resources and expiry of a row that is there; one that was removed stays so. */
  noteExport(row: ExportRow): Promise<void>;
  /** Throws when the export has a file of that number, or is not there. */
  addExportFile(row: ExportFileRow): Promise<void>;
  /** Ordered by number. */
  exportFiles(id: string): Promise<ExportFileRow[]>;
  /** With its files. */
  removeExport(id: string): Promise<void>;
  /** Ids of those whose time is over at that instant. */
  expiredExports(at: string): Promise<string[]>;
}
