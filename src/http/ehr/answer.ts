import type { DecisionRefusal } from '../../enrolment/decide.ts';
import type { RefusalCode } from '../../fhir/refusal.ts';
import type { r4 } from '../../fhir/resource.ts';
import type { Pushed } from '../../pipeline/push.ts';
import type { Unmet } from '../../pipeline/push-condition.ts';
import { type HttpRefusal, issueOf } from '../respond.ts';

/** The answer to one write, alone or as an entry of a Bundle. */
export interface Answer {
  status: number;
  /** `Type/id`, of what stands now; null when nothing can be named. */
  name: string | null;
  /** Our counter of the resource, for ETag; null where nothing is remembered of it. */
  revision: number | null;
  /** What is to be said; null when the status says it all. */
  outcome: r4.OperationOutcome | null;
  /** Codes of what was refused, for the log. */
  codes: string[];
  /** A conditional create found what `name` says: what was sent was passed over. */
  found?: true;
}

type Status = HttpRefusal['status'];

/** What R4 calls broken syntax is 400; what is well formed and cannot be taken in is 422 (http.html#create). */
const UNPROCESSABLE: ReadonlySet<RefusalCode> = new Set([
  'modifier-unknown',
  'form-refused',
  'decision-refused',
  'site-unknown',
  'site-conflict',
  'subject-missing',
  'subject-not-patient',
  'subject-foreign',
  'subject-unresolvable',
]);

const DECISIONS: Readonly<
  Record<DecisionRefusal['code'], { status: Status; issue: r4.OperationOutcomeIssue['code'] }>
> = {
  'decision-stale': { status: 409, issue: 'conflict' },
  'decision-role': { status: 403, issue: 'forbidden' },
  'decision-status': { status: 409, issue: 'business-rule' },
  'decision-incomplete': { status: 422, issue: 'required' },
  'decision-about-nothing': { status: 422, issue: 'not-found' },
};

const SAID = {
  unchanged: 'This version is known already; nothing changed.',
  stale: 'A newer version is known already; this one was counted and changed nothing.',
} as const;

/** The answer to a write by what became of it. */
export function answerOf(pushed: Pushed, method: 'POST' | 'PUT' | 'DELETE'): Answer {
  switch (pushed.kind) {
    case 'written':
      return writtenAnswer(pushed, method);
    case 'decided': {
      const { decided } = pushed;
      if (decided.ok) return { ...SILENT, status: decided.known ? 200 : 201 };
      const { code, message } = decided.refusal;
      return refused({ ...DECISIONS[code], code, message, expression: 'Task' });
    }
    case 'passed-over':
      return { ...SILENT, status: 200, outcome: told(pushed.reason, `Not taken in: ${pushed.reason}.`) };
    case 'refused': {
      const { reason, message, expression } = pushed.refused;
      const unprocessable = UNPROCESSABLE.has(reason);
      const issue = unprocessable ? 'processing' : 'structure';
      return refused({ status: unprocessable ? 422 : 400, code: reason, issue, message, expression });
    }
    case 'unmet':
      return unmetAnswer(pushed);
    case 'rolled-back':
      return refused({
        status: 422,
        code: 'rolled-back',
        issue: 'processing',
        message: 'Nothing was written, since another entry of the transaction was refused.',
      });
  }
}

const SILENT = { name: null, revision: null, outcome: null, codes: [] };

function writtenAnswer(
  { type, id, outcome, revision, reason }: Extract<Pushed, { kind: 'written' }>,
  method: string,
): Answer {
  const base = { ...SILENT, name: `${type}/${id}`, revision };
  if (outcome === 'added') return { ...base, status: 201 };
  if (outcome === 'deleted') return { ...base, status: 204 };
  if (outcome === 'updated') return { ...base, status: 200 };
  if (outcome === 'not-needed') {
    if (method === 'DELETE') return { ...base, status: 204 };
    return { ...base, status: 200, outcome: told(reason ?? outcome, `The study does not need it: ${reason}.`) };
  }
  if (outcome === 'unchanged' && method === 'DELETE') return { ...base, status: 204 };
  return { ...base, status: 200, outcome: told(outcome, SAID[outcome]) };
}

function unmetAnswer({ why, type, id, revision }: Unmet): Answer {
  if (why === 'exists')
    return { ...SILENT, status: 200, name: `${type}/${id}`, revision, outcome: told(why, EXISTS), found: true };
  const [status, code, message] = UNMET[why];
  return refused({ status, code, issue: 'conflict', message });
}

const EXISTS = 'There is one with this identifier already; what was sent was passed over.';

const UNMET: Readonly<Record<Exclude<Unmet['why'], 'exists'>, [Status, string, string]>> = {
  version: [
    412,
    'version-mismatch',
    'If-Match names another version than the one that stands: read again what changed.',
  ],
  several: [
    412,
    'several-match',
    'Several resources carry this identifier: merge them at the source, or name one by its id.',
  ],
  moved: [409, 'changed-meanwhile', 'What the identifier leads to has changed meanwhile. Send the request again.'],
};

/** An answer that refuses. */
export function refused(refusal: HttpRefusal): Answer {
  const { status, code } = refusal;
  return { ...SILENT, status, outcome: { resourceType: 'OperationOutcome', issue: [issueOf(refusal)] }, codes: [code] };
}

/** An OperationOutcome that only informs. */
function told(code: string, message: string): r4.OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [issueOf({ code, issue: 'informational', message }, 'information')],
  };
}
