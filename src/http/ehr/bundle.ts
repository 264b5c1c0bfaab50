import type { RequestHandler, Response } from 'express';
import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { arrivalsOf } from '../../intake/bundle.ts';
import { isObject } from '../../intake/json.ts';
import { idsWith, type PushItem } from '../../pipeline/push.ts';
import { clientOf, scopeRefusal } from '../auth/authenticated.ts';
import { refuseAccess } from '../auth/refuse.ts';
import { parseBody, readBody } from '../limits.ts';
import { localsOf } from '../locals.ts';
import { type HttpRefusal, isRefusal, outcomeOf, refuse, sendFhir } from '../respond.ts';
import { takeAhead } from './ahead/take.ts';
import { type Answer, answerOf, refused } from './answer.ts';
import { type Entry, readEntries } from './entries.ts';
import { areRequests } from './frame.ts';
import { type EhrParts, type EhrRequest, pushed, requestOf } from './parts.ts';
import { etagOf, preferred, shownOf } from './prefer.ts';

const NO_BUNDLE: HttpRefusal = {
  status: 400,
  code: 'not-a-bundle',
  issue: 'invalid',
  message: 'The base takes Bundles. Send a single resource to /<type>, or many as application/fhir+ndjson.',
  expression: 'Resource.resourceType',
};

/**
 * POST of a Bundle to the base: a transaction – all or nothing –, and of every other kind each entry for itself
 * (R4, http.html#transaction). A batch answers batch-response; so do message, collection, history and the like.
 */
export function takeBundle(parts: EhrParts): RequestHandler {
  return async (req, res) => {
    const request = requestOf(parts, req, res);
    if (isRefusal(request)) return refuse(res, request);
    const body = await readBody(req, parts.limits);
    if (!body.ok) return refuse(res, body.refusal);
    const client = clientOf(res);
    const whole = preferred(req) === 'representation' && asksFor(req.headers.prefer);
    const ahead = whole ? null : await takeAhead(parts, request, client, body.bytes);
    if (ahead) return answerAll(res, request, ahead.atomic, ahead.answers, null);
    const read = parseBody(body.bytes, parts.limits);
    if (!read.ok) return refuse(res, read.refusal);
    const bundle = read.value;
    if (!isObject(bundle) || bundle.resourceType !== 'Bundle') return refuse(res, NO_BUNDLE);
    const atomic = bundle.type === 'transaction';
    const { gateway, site, base } = request;
    const entries = await readEntries(bundle, {
      shape: gateway.shape,
      site,
      base,
      idsWith: (type, identifier) => idsWith(gateway, site, type, identifier),
      isMadeHere: async (type, id) => (await parts.isMadeHere?.(type, site.id, id)) ?? false,
    });
    if (isRefusal(entries)) return refuse(res, entries);
    const denied = entries.map(({ type, action }) => (type ? scopeRefusal(client, type, action) : null));
    const first = denied.find((one) => one !== null);
    if (atomic && first) return refuseAccess(res, first);
    const answers = await write(parts, request, bundle as FhirResource, entries, denied.map(Boolean), atomic);
    answerAll(res, request, atomic, answers, whole ? entries : null);
  };
}

/** @param whole the entries, where the answer is to hold their resources */
function answerAll(
  res: Response,
  request: EhrRequest,
  atomic: boolean,
  answers: readonly Answer[],
  whole: readonly Entry[] | null,
): void {
  localsOf(res).codes = answers.flatMap(({ codes }) => codes);
  if (atomic && answers.some(({ status }) => status >= 400)) {
    refuseAll(res, answers);
    return;
  }
  const entry = answers.map((answer, at) => responseOf(answer, at, whole?.[at]?.resource ?? null, request));
  sendFhir(res, 200, {
    resourceType: 'Bundle',
    type: atomic ? 'transaction-response' : 'batch-response',
    ...(entry.length > 0 ? { entry } : {}),
  });
}

async function write(
  parts: EhrParts,
  request: EhrRequest,
  bundle: FhirResource,
  entries: readonly Entry[],
  denied: readonly boolean[],
  atomic: boolean,
): Promise<Answer[]> {
  const arrivals = [...arrivalsOf({ ...bundle, entry: entries.map(({ entry }) => entry) }, request.place, true)];
  const answers: (Answer | null)[] = entries.map(({ refusal }, at) =>
    refusal ? refused(refusal) : denied[at] ? refused(NO_SCOPE) : null,
  );
  if (atomic && answers.some(Boolean)) return answers.map((one) => one ?? answerOf({ kind: 'rolled-back' }, 'POST'));
  const places = [...answers.keys()].filter((at) => answers[at] === null);
  if (atomic) places.sort((one, other) => TURNS[entries[one]!.method] - TURNS[entries[other]!.method]);
  const supersedes = areRequests(bundle.type);
  const items = places.map(
    (at): PushItem => ({ arrival: arrivals[at]!, condition: entries[at]!.condition, supersedes }),
  );
  const done = await pushed(parts, request, items, { atomic });
  for (const [index, at] of places.entries()) answers[at] = answerOf(done[index]!, entries[at]!.method);
  return answers as Answer[];
}

/** In which order a transaction is carried out, wherever an entry stands (R4, http.html#trules). */
const TURNS = { DELETE: 0, POST: 1, PUT: 2 } as const;

const NO_SCOPE: HttpRefusal = {
  status: 403,
  code: 'scope-insufficient',
  issue: 'forbidden',
  message: 'The scopes of the token do not allow this. Ask for a scope that does, if the client has it.',
};

/** One answer for all: the status of the first that failed, an issue for each, with its place. */
function refuseAll(res: Response, answers: readonly Answer[]): void {
  const issues = answers.flatMap(({ status, outcome, codes }, at) => {
    if (status < 400 || codes.includes('rolled-back')) return [];
    return (outcome?.issue ?? []).map((issue) => ({ ...issue, expression: [placed(issue.expression?.[0], at)] }));
  });
  const status = answers.find((one) => one.status >= 400 && !one.codes.includes('rolled-back'))?.status ?? 422;
  sendFhir(res, status, { ...outcomeOf(), issue: issues });
}

/** `Observation.status` of the third entry is `Bundle.entry[2].resource.status`. */
function placed(expression: string | undefined, at: number): string {
  if (expression?.startsWith('Bundle.')) return expression;
  const inside = expression?.includes('.') ? expression.slice(expression.indexOf('.')) : '';
  return `Bundle.entry[${at}].resource${inside}`;
}

/** What a refusal of an entry is about, where it says nothing nearer. */
function placedIn(outcome: r4.OperationOutcome, at: number, status: number): r4.OperationOutcome {
  if (status < 400) return outcome;
  return { ...outcome, issue: outcome.issue.map((issue) => ({ expression: [`Bundle.entry[${at}]`], ...issue })) };
}

const asksFor = (prefer: unknown): boolean => /representation/i.test(String(prefer ?? ''));

function responseOf(answer: Answer, place: number, resource: object | null, { base, at }: EhrRequest): object {
  const { status, name, revision } = answer;
  const outcome = answer.outcome && placedIn(answer.outcome, place, status);
  const version = revision === null ? '' : `/_history/${revision}`;
  const named = name !== null && status < 400;
  const shown = shownOf(answer, resource, at);
  return {
    ...(shown ? { resource: shown } : {}),
    response: {
      status: `${status}${WORDS[status] ? ` ${WORDS[status]}` : ''}`,
      ...(named ? { location: `${base}/${name}${version}` } : {}),
      ...(named && revision !== null ? { etag: etagOf(revision) } : {}),
      ...(named && !outcome ? { lastModified: at } : {}),
      ...(outcome ? { outcome } : {}),
    },
  };
}

const WORDS: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 204: 'No Content' };
