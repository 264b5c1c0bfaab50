import type { JSONWebKeySet } from 'jose';

export type ClientKind = 'site' | 'registry' | 'operator';

/** A program that may get access tokens. It belongs to one site or one registry, for good. */
export interface Client {
  id: string;
  name: string;
  kind: ClientKind;
  /** Id of the hospital; null unless `kind` is `site`. */
  site: string | null;
  /** Name of the registry; null unless `kind` is `registry`. */
  registry: string | null;
  /** Granted SMART scopes, separated by spaces. */
  scopes: string;
  keys: ClientKeys;
  /** Instants (ISO 8601, UTC). */
  createdAt: string;
  revokedAt: string | null;
}

/** Public keys by value, or where they are published. */
export type ClientKeys = { jwks: JSONWebKeySet } | { jwksUrl: string };

/** What auth needs to be told about clients; the store keeps it. */
export interface ClientDesk {
  /** Also a revoked one; null when there is none. */
  client(id: string): Promise<Client | null>;
  /**
   * Notes that a client used a jti.
   * @param expiresAt seconds since 1970 until which it must be remembered
   * @returns false when it was used before
   */
  useJti(client: string, jti: string, expiresAt: number): Promise<boolean>;
}

/** Parts of the service that have clients of their own. */
export type Base = 'ehr' | 'fhir' | 'operations';

const BASES: Readonly<Record<ClientKind, Base>> = { site: 'ehr', registry: 'fhir', operator: 'operations' };

/** The one part of the service that clients of a kind may use. */
export function baseOf({ kind }: Pick<Client, 'kind'>): Base {
  return BASES[kind];
}

/** Path of the base a client may use: `/ehr/ya/fhir`, `/fhir` or `/operations`. Its tokens are good for no other. */
export function basePath(client: Pick<Client, 'kind' | 'site'>): string {
  if (client.kind !== 'site') return `/${baseOf(client)}`;
  if (client.site === null) throw new Error('A client of a site has no site.');
  return `/ehr/${encodeURIComponent(client.site)}/fhir`;
}

/** Whether a text can be the id of a client: 3 to 64 letters, digits, dots, hyphens, underscores. */
export function isClientId(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/.test(text);
}
