import type { r4 } from '../fhir/resource.ts';

/** Why a registry is refused something. Codes are stable; messages name places, never values. */
export interface Refusal {
  status: 400 | 403 | 404 | 405 | 410 | 413 | 422 | 429;
  code: string;
  /** R4 issue-type. */
  issue: 'not-supported' | 'not-found' | 'deleted' | 'forbidden' | 'invalid' | 'too-costly' | 'throttled' | 'structure';
  message: string;
  expression?: string;
}

/** What a request of a registry is answered with: a resource, and its version where it has one. */
export type Answer =
  | { ok: true; resource: object; version?: { number: number; lastUpdated: string } }
  | { ok: false; refusal: Refusal };

export function found(resource: object, version?: { number: number; lastUpdated: string }): Answer {
  return { ok: true, resource, ...(version ? { version } : {}) };
}

export function refused(refusal: Refusal): Answer & { ok: false } {
  return { ok: false, refusal };
}

export const NOT_FOUND: Refusal = {
  status: 404,
  code: 'not-found',
  issue: 'not-found',
  message: 'There is no such resource, or the agreement of this registry does not cover it.',
};
export const DELETED: Refusal = {
  status: 410,
  code: 'deleted',
  issue: 'deleted',
  message: 'The resource is gone: it was corrected, or consent was withdrawn. Delete your copy.',
};
export const NO_AGREEMENT: Refusal = {
  status: 403,
  code: 'no-agreement',
  issue: 'forbidden',
  message: 'There is no agreement in force with this registry. Ask the study for one.',
};

/** CodeSystem of the stable codes. */
export const REFUSAL_CODES = 'https://study-gateway.example/cs/refusal';

/** An OperationOutcome of what was passed over, as warnings. */
export function warnings(refusals: readonly Refusal[]): r4.OperationOutcome {
  const issue = refusals.map(({ issue, code, message }) => ({
    severity: 'warning' as const,
    code: issue,
    details: { coding: [{ system: REFUSAL_CODES, code }], text: message },
  }));
  return { resourceType: 'OperationOutcome', issue };
}
