import { setImmediate } from 'node:timers/promises';
import type { Client, ClientDesk } from '../auth/client.ts';
import type { ClientRow } from '../store/client-rows.ts';
import type { Store } from '../store/store.ts';
import type { Gateway } from './gateway.ts';

/** What is needed to add or revoke a client: a Gateway has it all. */
export type ClientLedger = Pick<Gateway, 'store' | 'clock' | 'actor'>;

/** What auth is told about clients, from the store: a revocation counts at once. */
export function clientDesk(store: Store, clock: () => number): ClientDesk {
  const asked = new Map<string, Promise<Client | null>>();

  async function read(id: string): Promise<Client | null> {
    // Requests that came in together share what is read after all of them.
    await setImmediate();
    asked.delete(id);
    const row = await store.read((tx) => tx.clients.client(id), { unsettled: true });
    return row === null ? null : toClient(row);
  }

  return {
    client(id) {
      const known = asked.get(id) ?? read(id);
      asked.set(id, known);
      return known;
    },
    async useJti(client, jti, expiresAt) {
      return store.withTransaction((tx) => tx.clients.useJti(client, jti, expiresAt, Math.floor(clock() / 1_000)));
    },
  };
}

/** Adds a client and an audit row. False when the id is taken, by a revoked client too. */
export async function addClient(
  { store, clock, actor }: ClientLedger,
  client: Omit<Client, 'createdAt' | 'revokedAt'>,
): Promise<boolean> {
  const at = new Date(clock()).toISOString();
  return store.withTransaction(async (tx) => {
    if (await tx.clients.client(client.id)) return false;
    await tx.clients.addClient({ ...client, keys: JSON.stringify(client.keys), createdAt: at });
    const detail = `${ownerOf(client)}: ${client.scopes}`;
    await tx.addAudit({ at, actor, action: 'client-added', object: client.id, detail });
    return true;
  });
}

/** Revokes a client, with an audit row. Null when there is none; false when it was revoked before. */
export async function revokeClient({ store, clock, actor }: ClientLedger, id: string): Promise<boolean | null> {
  const at = new Date(clock()).toISOString();
  return store.withTransaction(async (tx) => {
    if (!(await tx.clients.client(id))) return null;
    if (!(await tx.clients.revokeClient(id, at))) return false;
    await tx.addAudit({ at, actor, action: 'client-revoked', object: id, detail: null });
    return true;
  });
}

/** All clients, revoked ones too, the oldest first. */
export async function listClients({ store }: Pick<ClientLedger, 'store'>): Promise<Client[]> {
  return (await store.withTransaction((tx) => tx.clients.clients())).map(toClient);
}

/** `site ya`, `registry NAME` or `operator`. */
export function ownerOf({ kind, site, registry }: Pick<Client, 'kind' | 'site' | 'registry'>): string {
  return [kind, site ?? registry].filter(Boolean).join(' ');
}

function toClient(row: ClientRow): Client {
  return { ...row, keys: JSON.parse(row.keys) };
}
