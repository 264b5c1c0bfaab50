import type { DatabaseSync } from 'node:sqlite';
import type { IdentifierTables } from '../identifier-rows.ts';

export const SQL_IDENTIFIERS_CLEAR = 'DELETE FROM hospital_identifier WHERE site = ? AND type = ? AND id = ?';
export const SQL_IDENTIFIER_PUT = `
  INSERT INTO hospital_identifier (site, type, alias, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`;
export const SQL_IDENTIFIER_IDS = `
  SELECT id FROM hospital_identifier WHERE site = ? AND type = ? AND alias = ? ORDER BY id`;

/** Which resources carry an identifier. */
export function identifierTables(db: DatabaseSync): IdentifierTables {
  const clear = db.prepare(SQL_IDENTIFIERS_CLEAR);
  const put = db.prepare(SQL_IDENTIFIER_PUT);
  const ids = db.prepare(SQL_IDENTIFIER_IDS);

  return {
    async putIdentifiers({ site, type, id }, aliases) {
      clear.run(site, type, id);
      for (const alias of aliases) put.run(site, type, alias, id);
    },
    async idsWithIdentifier(site, type, alias) {
      return (ids.all(site, type, alias) as unknown as { id: string }[]).map((row) => row.id);
    },
  };
}
