import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

/** What a refusal may write: that something was set aside, and whom it may concern; which assertions were used. */
const MAY_CHANGE = ['hospital_quarantine', 'hospital_concerned', 'auth_client', 'auth_jti'];

/** Rows and a hash of every table that a refused request must leave as it is, read beside the service. */
export function tablesOf(file: string): Record<string, string> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all() as {
      name: string;
    }[];
    const kept = names.map(({ name }) => name).filter((name) => !MAY_CHANGE.includes(name));
    return Object.fromEntries(kept.map((name) => [name, contentOf(db, `SELECT * FROM "${name}"`)]));
  } finally {
    db.close();
  }
}

/** The same of the rows of one site. */
export function rowsOfSite(file: string, site: string): Record<string, string> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = db
      .prepare(
        "SELECT DISTINCT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'site' ORDER BY 1",
      )
      .all() as { name: string }[];
    return Object.fromEntries(
      tables.map(({ name }) => [name, contentOf(db, `SELECT * FROM "${name}" WHERE site = '${site}'`)]),
    );
  } finally {
    db.close();
  }
}

function contentOf(db: DatabaseSync, sql: string): string {
  const rows = db
    .prepare(sql)
    .all()
    .map((row) => JSON.stringify(row))
    .sort();
  return `${rows.length} ${createHash('sha256').update(rows.join('\n')).digest('hex').slice(0, 16)}`;
}

/** Pseudonyms of the subjects of one site. */
export function subjectsOf(file: string, site: string): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = db.prepare('SELECT subject FROM hospital_enrolment WHERE site = ?').all(site);
    return rows.map(({ subject }) => String(subject));
  } finally {
    db.close();
  }
}
