import type { RequestHandler, Response } from 'express';
import type { r4 } from '../../fhir/resource.ts';
import type { Arrival, SetAside } from '../../intake/arrival.ts';
import { readFeed } from '../../intake/read.ts';
import { clientOf, scopeRefusal } from '../auth/authenticated.ts';
import { contentRefusal } from '../content.ts';
import { allowStream } from '../deadline.ts';
import { localsOf } from '../locals.ts';
import { isRefusal, issueOf, refuse } from '../respond.ts';
import { answerOf } from './answer.ts';
import { type EhrParts, type EhrRequest, pushed, requestOf } from './parts.ts';
import { unitsOf } from './units.ts';

/** Media type of resources one a line (Bulk Data Access, "ndjson"). */
export const FHIR_NDJSON = 'application/fhir+ndjson';

/**
 * A stream of resources or Bundles, one a line; answered by a stream of OperationOutcomes, one for each resource in
 * order, each sent once its unit is durable: hundreds of lines, fewer when the sender pauses. Whoever reads the answers
 * slowly is read slowly.
 */
export function takeLines(parts: EhrParts): RequestHandler {
  return async (req, res) => {
    const request = requestOf(parts, req, res);
    if (isRefusal(request)) return refuse(res, request);
    const refusal = contentRefusal(req, [FHIR_NDJSON, 'application/x-ndjson']);
    if (refusal) return refuse(res, refusal);
    allowStream(res);
    const bytes = parts.limits.maxBodyBytes;
    const limits = {
      maxLineBytes: bytes,
      maxDocumentBytes: bytes,
      maxDepth: parts.limits.maxDepth,
      unpacks: false,
    };
    const feed = readFeed([{ name: localsOf(res).id, path: '-', bytes: null }], { stdin: req, ...limits });
    res.status(200).type(FHIR_NDJSON);
    for await (const unit of unitsOf(feed[Symbol.asyncIterator]())) await answer(parts, request, unit, res);
    res.end();
  };
}

async function answer(
  parts: EhrParts,
  request: EhrRequest,
  unit: (Arrival | SetAside)[],
  res: Response,
): Promise<void> {
  const client = clientOf(res);
  const allowed = (one: Arrival | SetAside) => {
    if (one.kind === 'refused' || one.kind === 'passed-over') return true;
    const [type, action] =
      one.kind === 'deletion' ? [one.type, 'd' as const] : [one.resource.resourceType, 'u' as const];
    return scopeRefusal(client, type, action) === null;
  };
  const taken = unit.filter(allowed);
  const done = await pushed(
    parts,
    request,
    taken.map((arrival) => ({ arrival, condition: null })),
    { atomic: false },
  );
  const said = new Map(taken.map((arrival, at) => [arrival, done[at]!]));
  const lines = unit.map((arrival) => {
    const one = said.get(arrival);
    const { status, name, outcome } = one ? answerOf(one, 'PUT') : DENIED;
    const { line, entry } = arrival.place;
    const place = [line === null ? '' : `line ${line}`, entry === null ? '' : `entry ${entry}`]
      .filter(Boolean)
      .join(', ');
    const issues = outcome?.issue ?? [{ severity: 'information', code: 'informational' } as r4.OperationOutcomeIssue];
    return {
      resourceType: 'OperationOutcome',
      issue: issues.map((issue) => ({ ...issue, diagnostics: `${place}: ${status}${name ? ` ${name}` : ''}` })),
    };
  });
  const text = lines.map((one) => `${JSON.stringify(one)}\n`).join('');
  if (!res.write(text) && !res.closed) await drained(res);
}

const DENIED = {
  status: 403,
  name: null,
  outcome: {
    resourceType: 'OperationOutcome' as const,
    issue: [
      issueOf({
        code: 'scope-insufficient',
        issue: 'forbidden',
        message: 'The scopes of the token do not allow this. Ask for a scope that does, if the client has it.',
      }),
    ],
  },
};

/** Until the client has read what was sent, or has gone. */
function drained(res: Response): Promise<void> {
  return new Promise((resolve) => {
    res.once('drain', resolve);
    res.once('close', resolve);
  });
}
