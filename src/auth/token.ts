import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { basePath, type Client, type ClientDesk, type ClientKind, isClientId } from './client.ts';
import { type AuthRefusal, authRefusal, isAuthRefusal } from './refusal.ts';
import { readScopes, type Scopes } from './scopes.ts';
import type { AuthSettings } from './settings.ts';
import { createTokenMemory } from './token-memory.ts';

/** Only we read our tokens, so one algorithm is enough. */
const ALGORITHM = 'ES256';
const TYPE = 'at+jwt';

/** Who makes a request, and what it may do. */
export interface ClientIdentity {
  id: string;
  kind: ClientKind;
  site: string | null;
  registry: string | null;
  scopes: Scopes;
  /** When the token ends, in milliseconds since 1970. */
  expiresAt: number;
}

export interface TokenParts {
  settings: AuthSettings;
  clients: ClientDesk;
  /** Private key on P-256. */
  signingKey: KeyObject;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** A new id for each token. */
  newId: () => string;
}

export interface Tokens {
  /** @param scope what the client is given, in SMART scopes */
  issue(client: Client, scope: string): Promise<string>;
  /** Whose token it is: good in itself, for the base of its client, and of a client that still stands. */
  verify(token: string): Promise<ClientIdentity | AuthRefusal>;
}

/** Access tokens as JWTs (RFC 9068) of our own: signed, short, and for the base of one client only. */
export function createTokens({ settings, clients, signingKey, clock, newId }: TokenParts): Tokens {
  const publicKey = createPublicKey(signingKey);
  const audienceOf = (client: Client) => `${settings.baseUrl}${basePath(client)}`;

  const memory = createTokenMemory(clock);

  async function claimsOf(token: string): Promise<JWTPayload | AuthRefusal> {
    const known = memory.recall(token);
    if (known) return known;
    try {
      const { payload } = await jwtVerify(token, publicKey, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: settings.baseUrl,
        requiredClaims: ['sub', 'aud', 'exp', 'scope'],
        currentDate: new Date(clock()),
      });
      memory.keep(token, payload);
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return authRefusal('token-expired');
      if (error instanceof errors.JOSEError) return authRefusal('token-invalid');
      throw error;
    }
  }

  return {
    issue(client, scope) {
      const now = Math.floor(clock() / 1_000);
      const { id, site, registry } = client;
      const owner = { ...(site === null ? {} : { site }), ...(registry === null ? {} : { registry }) };
      return new SignJWT({ client_id: id, ...owner, scope })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setIssuer(settings.baseUrl)
        .setSubject(id)
        .setAudience(audienceOf(client))
        .setIssuedAt(now)
        .setExpirationTime(now + settings.tokenSeconds)
        .setJti(newId())
        .sign(signingKey);
    },
    async verify(token) {
      const claims = await claimsOf(token);
      if (isAuthRefusal(claims)) return claims;
      const client = isClientId(claims.sub) ? await clients.client(claims.sub) : null;
      if (!client || client.revokedAt !== null) return authRefusal('token-client');
      if (claims.aud !== audienceOf(client)) return authRefusal('token-audience');
      const { id, kind, site, registry } = client;
      const { scopes } = readScopes(String(claims.scope));
      return { id, kind, site, registry, scopes, expiresAt: claims.exp! * 1_000 };
    },
  };
}
