import type { Response } from 'express';
import type { AuthRefusal } from '../../auth/refusal.ts';
import { type HttpRefusal, refuse } from '../respond.ts';

const ISSUES: Partial<Record<AuthRefusal['code'], HttpRefusal['issue']>> = {
  'token-missing': 'login',
  'token-expired': 'expired',
};

/** What a 401 asks for (RFC 6750 3, RFC 9110 11.6.1). */
export const CHALLENGE = 'Bearer realm="study-gateway"';

/**
 * Answers a request whose token is missing or bad (401), or does not reach so far (403), with the challenge of RFC 6750 3
 * and an OperationOutcome.
 */
export function refuseAccess(res: Response, { code, error, message }: AuthRefusal): void {
  const status = error === 'insufficient_scope' ? 403 : 401;
  // RFC 6750 3.1: a request without a token is told no error code.
  const told = code === 'token-missing' ? [] : [`error="${error}"`, `error_description="${message}"`];
  res.set({ 'WWW-Authenticate': [CHALLENGE, ...told].join(', '), 'Cache-Control': 'no-store' });
  refuse(res, { status, code, issue: ISSUES[code] ?? (status === 403 ? 'forbidden' : 'security'), message });
}
