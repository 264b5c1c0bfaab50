import type { Response } from 'express';
import type { r4 } from '../fhir/resource.ts';
import { answerAndClose } from './linger.ts';
import { localsOf } from './locals.ts';

/** Media type of FHIR JSON (R4, "MIME Types"). */
export const FHIR_JSON = 'application/fhir+json';

/**
 * What a request is refused with. The codes are stable; the message says what happened and what to do, and names places,
 * never values.
 */
export interface HttpRefusal {
  status: 400 | 401 | 403 | 404 | 405 | 406 | 408 | 409 | 410 | 412 | 413 | 415 | 422 | 429 | 503;
  /** Stable code of ours, in `OperationOutcome.issue.details`. */
  code: string;
  /** R4 issue-type. */
  issue: r4.OperationOutcomeIssue['code'];
  message: string;
  /** FHIRPath to the element, where there is one. */
  expression?: string | null | undefined;
}

/** CodeSystem of the stable codes. */
export const REFUSAL_CODES = 'https://study-gateway.example/cs/refusal';

export function isRefusal(value: unknown): value is HttpRefusal {
  return typeof value === 'object' && value !== null && 'issue' in value && 'status' in value;
}

type Told = Pick<HttpRefusal, 'code' | 'issue' | 'message' | 'expression'>;

/** One issue of an OperationOutcome. */
export function issueOf(
  told: Told,
  severity: r4.OperationOutcomeIssue['severity'] = 'error',
): r4.OperationOutcomeIssue {
  return {
    severity,
    code: told.issue,
    details: { coding: [{ system: REFUSAL_CODES, code: told.code }], text: told.message },
    ...(told.expression ? { expression: [told.expression] } : {}),
  };
}

/** R4 OperationOutcome of one or more refusals. */
export function outcomeOf(...told: readonly Told[]): r4.OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: told.map((one) => issueOf(one)) };
}

/** After these the rest of the body is not wanted, so the connection is of no more use. */
const CLOSES: readonly number[] = [408, 413];

/** Answers with a refusal; the status is that of the first. The codes go to the log. */
export function refuse(res: Response, refusal: HttpRefusal, ...more: readonly HttpRefusal[]): void {
  // A deadline may have been faster.
  if (res.headersSent) return;
  const { status, code } = refusal;
  localsOf(res).codes = [code, ...more.map((one) => one.code)];
  const outcome = outcomeOf(refusal, ...more);
  if (CLOSES.includes(status) && !res.req.complete) answerAndClose(res, status, FHIR_JSON, JSON.stringify(outcome));
  else sendFhir(res, status, outcome);
}

const FHIR_UTF8 = `${FHIR_JSON}; charset=utf-8`;

/** Answers with a FHIR resource. */
export function sendFhir(res: Response, status: number, resource: object): void {
  const body = JSON.stringify(resource);
  res.statusCode = status;
  // Reading may be answered 304: Express looks at what the reader has.
  if (res.req.method === 'GET' || res.req.method === 'HEAD') {
    res.type(FHIR_JSON).send(body);
    return;
  }
  res.setHeader('Content-Type', FHIR_UTF8);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}
