import type { DatabaseSync } from 'node:sqlite';
import type { ExportFileRow, ExportRow, ExportTables } from '../export-rows.ts';

const COLUMNS = 'id, client, registry, plan, state, code, at, mark, resources, expires_at';

export const SQL_EXPORT_ADD = `INSERT INTO study_export (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
export const SQL_EXPORT = `SELECT ${COLUMNS} FROM study_export WHERE id = ?`;
export const SQL_EXPORTS_WAITING = `SELECT ${COLUMNS} FROM study_export WHERE state = 'waiting' ORDER BY at, id`;
export const SQL_EXPORT_NOTE = `
  UPDATE study_export SET state = ?, code = ?, mark = ?, resources = ?, expires_at = ? WHERE id = ?`;
export const SQL_EXPORT_REMOVE = 'DELETE FROM study_export WHERE id = ?';
export const SQL_EXPORTS_EXPIRED = 'SELECT id FROM study_export WHERE expires_at <= ? ORDER BY expires_at';
export const SQL_EXPORT_FILE_ADD =
  'INSERT INTO study_extract (export, number, kind, type, lines) VALUES (?, ?, ?, ?, ?)';
export const SQL_EXPORT_FILES = `
  SELECT export, number, kind, type, lines FROM study_extract WHERE export = ? ORDER BY number`;

type ExportColumns = Omit<ExportRow, 'expiresAt'> & { expires_at: string | null };

function toExport({ expires_at, ...row }: ExportColumns): ExportRow {
  return { ...row, expiresAt: expires_at };
}

/** Exports of registries' clients, with their finished files. */
export function exportTables(db: DatabaseSync): ExportTables {
  const add = db.prepare(SQL_EXPORT_ADD);
  const one = db.prepare(SQL_EXPORT);
  const waiting = db.prepare(SQL_EXPORTS_WAITING);
  const note = db.prepare(SQL_EXPORT_NOTE);
  const remove = db.prepare(SQL_EXPORT_REMOVE);
  const expired = db.prepare(SQL_EXPORTS_EXPIRED);
  const addFile = db.prepare(SQL_EXPORT_FILE_ADD);
  const files = db.prepare(SQL_EXPORT_FILES);

  return {
    async addExport({ id, client, registry, plan, state, code, at, mark, resources, expiresAt }) {
      add.run(id, client, registry, plan, state, code, at, mark, resources, expiresAt);
    },
    async export(id) {
      const row = one.get(id) as unknown as ExportColumns | undefined;
      return row === undefined ? null : toExport(row);
    },
    async waitingExports() {
      return (waiting.all() as unknown as ExportColumns[]).map(toExport);
    },
    async noteExport({ id, state, code, mark, resources, expiresAt }) {
      note.run(state, code, mark, resources, expiresAt, id);
    },
    async addExportFile({ export: of, number, kind, type, lines }) {
      addFile.run(of, number, kind, type, lines);
    },
    async exportFiles(id) {
      return (files.all(id) as unknown as ExportFileRow[]).map((row) => ({ ...row }));
    },
    async removeExport(id) {
      remove.run(id);
    },
    async expiredExports(at) {
      return expired.all(at).map((row) => String(row.id));
    },
  };
}
