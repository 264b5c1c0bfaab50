import type { DatabaseSync } from 'node:sqlite';
import type { ClientRow, ClientTables } from '../client-rows.ts';

const COLUMNS = 'id, name, kind, site, registry, scopes, keys, created_at, revoked_at';

export const SQL_CLIENT_ADD = `
  INSERT INTO auth_client (id, name, kind, site, registry, scopes, keys, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
export const SQL_CLIENT = `SELECT ${COLUMNS} FROM auth_client WHERE id = ?`;
export const SQL_CLIENTS = `SELECT ${COLUMNS} FROM auth_client ORDER BY created_at, id`;
export const SQL_CLIENT_REVOKE = 'UPDATE auth_client SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL';
export const SQL_JTI_SWEEP = 'DELETE FROM auth_jti WHERE expires_at <= ?';
export const SQL_JTI_USE = `
  INSERT INTO auth_jti (client, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT (client, jti) DO NOTHING`;

interface ClientColumns extends Omit<ClientRow, 'createdAt' | 'revokedAt'> {
  created_at: string;
  revoked_at: string | null;
}

function toClient(row: ClientColumns): ClientRow {
  const { id, name, kind, site, registry, scopes, keys, created_at: createdAt, revoked_at: revokedAt } = row;
  return { id, name, kind, site, registry, scopes, keys, createdAt, revokedAt };
}

/** Clients of the service and the jtis they used. */
export function clientTables(db: DatabaseSync): ClientTables {
  const add = db.prepare(SQL_CLIENT_ADD);
  const client = db.prepare(SQL_CLIENT);
  const clients = db.prepare(SQL_CLIENTS);
  const revoke = db.prepare(SQL_CLIENT_REVOKE);
  const sweep = db.prepare(SQL_JTI_SWEEP);
  const use = db.prepare(SQL_JTI_USE);

  return {
    async addClient({ id, name, kind, site, registry, scopes, keys, createdAt }) {
      add.run(id, name, kind, site, registry, scopes, keys, createdAt);
    },
    async client(id) {
      const row = client.get(id) as unknown as ClientColumns | undefined;
      return row === undefined ? null : toClient(row);
    },
    async clients() {
      return (clients.all() as unknown as ClientColumns[]).map(toClient);
    },
    async revokeClient(id, at) {
      return revoke.run(at, id).changes === 1;
    },
    async useJti(of, jti, expiresAt, now) {
      sweep.run(now);
      return use.run(of, jti, expiresAt).changes === 1;
    },
  };
}
