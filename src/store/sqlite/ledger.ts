import type { DatabaseSync } from 'node:sqlite';
import type { AuditRow, Transaction } from '../store.ts';

export const SQL_AUDIT_ADD = 'INSERT INTO audit (at, actor, action, object, detail) VALUES (?, ?, ?, ?, ?)';
export const SQL_AUDIT = 'SELECT at, actor, action, object, detail FROM audit ORDER BY sequence';
export const SQL_SETTING = 'SELECT value FROM setting WHERE name = ?';
export const SQL_SETTING_PUT = `
  INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;

/** Audit rows, in the order they were added, and settings. */
export function ledgerTables(db: DatabaseSync): Omit<Transaction, 'hospital' | 'study' | 'clients'> {
  const auditAdd = db.prepare(SQL_AUDIT_ADD);
  const audit = db.prepare(SQL_AUDIT);
  const setting = db.prepare(SQL_SETTING);
  const settingPut = db.prepare(SQL_SETTING_PUT);

  return {
    async addAudit({ at, actor, action, object, detail }) {
      auditAdd.run(at, actor, action, object, detail);
    },
    async audit() {
      const rows = audit.all() as unknown as AuditRow[];
      return rows.map(({ at, actor, action, object, detail }) => ({ at, actor, action, object, detail }));
    },
    async setting(name) {
      const row = setting.get(name) as unknown as { value: string } | undefined;
      return row?.value ?? null;
    },
    async putSetting(name, value) {
      settingPut.run(name, value);
    },
  };
}
