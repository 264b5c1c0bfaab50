import type { JWTPayload } from 'jose';
import { type AuthRefusal, authRefusal } from './refusal.ts';

/** How far the clock of a client may be off, either way, in seconds. It widens every limit in time below. */
export const SKEW_SECONDS = 60;
/** Longest life of an assertion (SMART App Launch 2.2, "Authentication JWT Claims"). */
const LIFE_SECONDS = 300;
const LONGEST_TEXT = 200;

/** What is left of an assertion's claims once they are checked. */
export interface CheckedClaims {
  jti: string;
  /** Seconds since 1970 until which the assertion would be accepted, skew included. */
  until: number;
}

/**
 * Checks the claims of an assertion whose signature is good.
 * @param audience the URL of the token route
 * @param now seconds since 1970
 */
export function checkClaims(claims: JWTPayload, audience: string, now: number): CheckedClaims | AuthRefusal {
  const { exp, nbf, iat, jti } = claims as Record<string, unknown>;
  const aud: unknown = Array.isArray(claims.aud) && claims.aud.length === 1 ? claims.aud[0] : claims.aud;
  if (aud !== audience) return authRefusal('assertion-audience');
  if (!isTime(exp)) return authRefusal('assertion-expiry');
  if (exp + SKEW_SECONDS <= now) return authRefusal('assertion-expired');
  if (exp > now + LIFE_SECONDS + SKEW_SECONDS) return authRefusal('assertion-long');
  if (nbf !== undefined && !(isTime(nbf) && nbf <= now + SKEW_SECONDS)) return authRefusal('assertion-early');
  if (iat !== undefined) {
    const sane = isTime(iat) && iat <= now + SKEW_SECONDS && exp - iat <= LIFE_SECONDS + SKEW_SECONDS;
    if (!sane) return authRefusal('assertion-issued');
  }
  if (!isShortText(jti)) return authRefusal('assertion-jti');
  return { jti, until: Math.ceil(exp) + SKEW_SECONDS };
}

/** A text of 1 to 200 characters. */
export function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_TEXT;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
