import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';

/** What is remembered of tokens whose signature was found good. */
export interface TokenMemory {
  /** The claims of exactly this token while it lasts; null when it must be verified (again). */
  recall(token: string): JWTPayload | null;
  /** Remembers a token that was verified just now. */
  keep(token: string, claims: JWTPayload): void;
}

const MOST = 1_000;

/**
 * Spares a client that sends many requests the verification of the same signature each time: what a signature says does
 * not change. Whether the client still stands is not remembered. Keeps hashes, not tokens, the newest so many.
 * @param clock milliseconds since 1970
 */
export function createTokenMemory(clock: () => number, most = MOST): TokenMemory {
  const known = new Map<string, JWTPayload>();
  const nameOf = (token: string) => hash('sha256', token);
  return {
    recall(token) {
      const name = nameOf(token);
      const claims = known.get(name);
      if (!claims) return null;
      if (claims.exp !== undefined && claims.exp > Math.floor(clock() / 1_000)) return claims;
      known.delete(name);
      return null;
    },
    keep(token, claims) {
      if (known.size >= most) known.delete(known.keys().next().value!);
      known.set(nameOf(token), claims);
    },
  };
}
