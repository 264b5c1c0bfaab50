import type { r4 } from '../fhir/resource.ts';
import { type Answer, found, REFUSAL_CODES, type Refusal, refused } from './answer.ts';
import type { RegistryDesk } from './desk.ts';
import { answerGet } from './get.ts';
import type { Viewer } from './viewer.ts';

/** Entries of one batch. */
export const MOST_ENTRIES = 100;

/** Answers a batch of reads and searches, each for itself (R4, http.html#transaction). */
export async function batch(desk: RegistryDesk, viewer: Viewer, body: unknown, strict: boolean): Promise<Answer> {
  const { resourceType, type, entry } = (body ?? {}) as Partial<r4.Bundle>;
  if (resourceType !== 'Bundle' || type !== 'batch') return refused(NO_BATCH);
  if (!Array.isArray(entry)) return refused(NO_BATCH);
  if (entry.length > MOST_ENTRIES) return refused(TOO_MANY);
  const answers: r4.BundleEntry[] = [];
  for (const one of entry) answers.push(entryOf(await answerOf(desk, viewer, one?.request, strict)));
  return found({ resourceType: 'Bundle', type: 'batch-response', entry: answers } satisfies r4.Bundle);
}

async function answerOf(
  desk: RegistryDesk,
  viewer: Viewer,
  request: Partial<r4.BundleEntryRequest> | undefined,
  strict: boolean,
): Promise<Answer> {
  if (typeof request?.url !== 'string' || typeof request.method !== 'string') return refused(NO_REQUEST);
  if (request.method !== 'GET') return refused(READS_ONLY);
  const { url } = request;
  const local = url.startsWith(`${desk.base}/`) ? url.slice(desk.base.length + 1) : url.replace(/^\//, '');
  const [path, ...query] = local.split('?');
  const segments = decoded(path!);
  return segments
    ? answerGet(desk, viewer, segments, new URLSearchParams(query.join('?')), strict)
    : refused(NO_REQUEST);
}

function decoded(path: string): string[] | null {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return null;
  }
}

function entryOf(answer: Answer): r4.BundleEntry {
  if (!answer.ok) {
    const { status, issue, code, message } = answer.refusal;
    const details = { coding: [{ system: REFUSAL_CODES, code }], text: message };
    const outcome = {
      resourceType: 'OperationOutcome' as const,
      issue: [{ severity: 'error' as const, code: issue, details }],
    };
    return { response: { status: String(status), outcome } };
  }
  const { version, resource } = answer;
  const more = version ? { etag: `W/"${version.number}"`, lastModified: version.lastUpdated } : {};
  return { resource: resource as r4.FhirResource, response: { status: '200', ...more } };
}

const NO_BATCH: Refusal = {
  status: 422,
  code: 'not-a-batch',
  issue: 'not-supported',
  message: 'Only a Bundle of type batch with reads and searches is taken here.',
};
const TOO_MANY: Refusal = {
  status: 413,
  code: 'too-many-entries',
  issue: 'too-costly',
  message: `A batch has at most ${MOST_ENTRIES} entries here. Send it in parts.`,
  expression: 'Bundle.entry',
};
const NO_REQUEST: Refusal = {
  status: 400,
  code: 'entry-request',
  issue: 'structure',
  message: 'The entry has no request that can be read. Give method GET and a relative url.',
};
const READS_ONLY: Refusal = {
  status: 405,
  code: 'method',
  issue: 'not-supported',
  message: 'Nothing is written here: entries take the method GET only.',
};
