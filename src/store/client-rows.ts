/** A program that may get access tokens. Rows are added and revoked, nothing else. */
export interface ClientRow {
  id: string;
  name: string;
  kind: 'site' | 'registry' | 'operator';
  /** Hospital it belongs to; null unless `kind` is `site`. */
  site: string | null;
  /** Registry it belongs to; null unless `kind` is `registry`. */
  registry: string | null;
  scopes: string;
  /** JSON of its public keys, or of where they are; opaque to the store. */
  keys: string;
  /** Instants (ISO 8601, UTC). */
  createdAt: string;
  revokedAt: string | null;
}

/** Clients of the service, and the ids of their assertions while those could be used again. */
export interface ClientTables {
  /** Throws when the id exists, a revoked one too: ids are never used again. */
  addClient(row: Omit<ClientRow, 'revokedAt'>): Promise<void>;
  client(id: string): Promise<ClientRow | null>;
  /** Revoked ones too, ordered by `createdAt`, then id. */
  clients(): Promise<ClientRow[]>;
  /** False when there is no such client, or it was revoked before; the first instant stays. */
  revokeClient(id: string, at: string): Promise<boolean>;
  /**
   * Notes that a client used a jti, and forgets those of all clients that have expired.
   * @param expiresAt seconds since 1970 from which it need not be remembered any more
   * @param now seconds since 1970
   * @returns false when it was used before
   */
  useJti(client: string, jti: string, expiresAt: number, now: number): Promise<boolean>;
}
