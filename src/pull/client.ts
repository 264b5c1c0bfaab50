import type { FhirResource } from '../fhir/resource.ts';
import { type Answer, type AnswerLimits, ask, type Fetch, refusedBy } from './answer.ts';
import { nextPage } from './paging.ts';
import type { Pace } from './rate.ts';
import { createRate } from './rate.ts';
import { isPullRefusal, type PullRefusal, pullRefusal } from './refusal.ts';
import type { TokenSource } from './token.ts';

export interface ClientSettings extends AnswerLimits {
  base: string;
  requestsPerSecond: number;
  pageSize: number;
}

export interface ClientParts extends Pace {
  fetch: Fetch;
  /** Null when the server asks for no token. */
  tokens: TokenSource | null;
}

/** A resource that the server no longer has. */
export interface Gone {
  kind: 'gone';
  type: string;
  id: string;
  /** Instant on the server's clock from which on it is known to be gone; null when the server gives no time. */
  at: string | null;
}

/** One hospital's FHIR server, asked no faster than agreed. */
export interface PullClient {
  read(type: string, id: string): Promise<{ kind: 'resource'; resource: FhirResource } | Gone | PullRefusal>;
  /**
   * Bundles of type searchset, page by page, of what changed since; a refusal is the last thing that comes.
   * @param since instant for `_lastUpdated=ge…`; null for everything
   */
  search(type: string, since: string | null): AsyncGenerator<FhirResource | PullRefusal>;
}

const PAGES = 10_000;

/** Asks by FHIR R4 REST ("RESTful API": read, search-type, paging). The token goes to `base` and nowhere else. */
export function createPullClient(settings: ClientSettings, parts: ClientParts): PullClient {
  const { base, pageSize, requestsPerSecond } = settings;
  const { clock, tokens } = parts;
  const turn = createRate(requestsPerSecond, Math.max(1, Math.ceil(requestsPerSecond)), parts);

  async function once(url: string): Promise<Answer | PullRefusal> {
    await turn();
    const token = tokens ? await tokens.token() : null;
    if (token !== null && typeof token !== 'string') return token;
    const headers = { accept: 'application/fhir+json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
    return ask(parts.fetch, url, { headers }, settings);
  }

  async function get(url: string): Promise<Answer | PullRefusal> {
    let answer = await once(url);
    // A token may have been revoked before its time: one more try with a new one.
    if (tokens && !isPullRefusal(answer) && answer.status === 401) {
      tokens.drop();
      answer = await once(url);
    }
    return isPullRefusal(answer) ? answer : (refusedBy(answer, clock()) ?? answer);
  }

  return {
    async read(type, id) {
      const answer = await get(`${base}/${type}/${id}`);
      if (isPullRefusal(answer)) return answer;
      const { status, body } = answer;
      // A 404 of something that does not speak FHIR is a wrong address, and must not retract evidence.
      if (status === 410 || (status === 404 && isResource(body, 'OperationOutcome'))) return gone(type, id, answer);
      if (status === 404 || !isResource(body)) return pullRefusal('answer-not-fhir');
      if (body.resourceType !== type || body.id !== id) return pullRefusal('answer-other-resource');
      return { kind: 'resource', resource: body };
    },

    async *search(type, since) {
      const query = new URLSearchParams({ ...(since ? { _lastUpdated: `ge${since}` } : {}), _count: String(pageSize) });
      let url: string | null = `${base}/${type}?${query}`;
      const seen = new Set<string>();
      while (url !== null) {
        if (seen.has(url) || seen.size === PAGES) return yield pullRefusal('paging-endless');
        seen.add(url);
        const answer = await get(url);
        if (isPullRefusal(answer)) return yield answer;
        const { body } = answer;
        // The type is not known there, or the page is: neither says that nothing has changed.
        if (answer.status === 404 || answer.status === 410) {
          return yield pullRefusal(isResource(body) ? 'answer-4xx' : 'answer-not-fhir');
        }
        if (!isResource(body, 'Bundle') || body.type !== 'searchset') return yield pullRefusal('answer-not-fhir');
        const next = nextPage(body, base, url);
        yield body;
        if (next !== null && typeof next !== 'string') return yield next;
        url = next;
      }
    },
  };
}

function gone(type: string, id: string, { headers }: Answer): Gone {
  // HTTP knows whole seconds: the last moment of this one, so that no version of the same second outlives the deletion.
  const time = Date.parse(headers.get('last-modified') ?? headers.get('date') ?? '') + 999;
  return { kind: 'gone', type, id, at: Number.isNaN(time) ? null : new Date(time).toISOString() };
}

function isResource(value: unknown, type?: string): value is FhirResource {
  if (typeof value !== 'object' || value === null) return false;
  const { resourceType } = value as Record<string, unknown>;
  return type === undefined ? typeof resourceType === 'string' : resourceType === type;
}
