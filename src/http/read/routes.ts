import type { Request, RequestHandler, Response, Router } from 'express';
import type { FhirResource } from '../../fhir/resource.ts';
import { historyBundle, searchset } from '../../views/bundles.ts';
import { type HospitalFhir, READ_TYPES, type ReadType } from '../../views/hospital-fhir.ts';
import { contentRefusal } from '../content.ts';
import { formatRefusal } from '../format.ts';
import { readBytes } from '../limits.ts';
import { type HttpRefusal, issueOf, refuse, sendFhir } from '../respond.ts';
import { type AccessParts, type At, granted } from './access.ts';
import { encodeCursor } from './cursor.ts';
import { readSearch } from './parameters.ts';
import { GONE, UNKNOWN } from './refusals.ts';

export interface ReadParts extends AccessParts {
  fhir: HospitalFhir;
}

const FORM = 'application/x-www-form-urlencoded';
const MOST_FORM_BYTES = 64 * 1024;

/**
 * What a hospital reads at its base (`/ehr/:site/fhir`; the router needs `mergeParams` and `caseSensitive`): read and
 * search of ResearchSubject, Task, Flag, List and Subscription, versions and history of ResearchSubject.
 */
export function hospitalReads(router: Router, parts: ReadParts): void {
  const { fhir } = parts;
  router.use(readable);
  for (const type of READ_TYPES) {
    router.get(
      `/${type}`,
      granted(parts, type, 's', async (req, res, at) => {
        await search(fhir, res, at, type, new URLSearchParams(queryOf(req)));
      }),
    );
    router.post(
      `/${type}/_search`,
      granted(parts, type, 's', async (req, res, at) => {
        const form = await readForm(req);
        if ('status' in form) refuse(res, form);
        else await search(fhir, res, at, type, form.parameters);
      }),
    );
    router.get(
      `/${type}/:id`,
      granted(parts, type, 'r', async (req, res, { site }) => {
        const found = await fhir.read(type, site.id, String(req.params.id));
        if (found === null || found === 'gone') refuse(res, found === null ? UNKNOWN : GONE);
        else sendRead(req, res, found);
      }),
    );
  }
  router.get(
    '/ResearchSubject/:id/_history',
    granted(parts, 'ResearchSubject', 'r', async (req, res, { site, base }) => {
      const versions = await fhir.history(site.id, String(req.params.id));
      if (!versions) return refuse(res, UNKNOWN);
      sendFhir(res, 200, historyBundle(versions, base, `${base}/ResearchSubject/${versions[0]!.id}/_history`));
    }),
  );
  router.get(
    '/ResearchSubject/:id/_history/:version',
    granted(parts, 'ResearchSubject', 'r', async (req, res, { site }) => {
      const versions = await fhir.history(site.id, String(req.params.id));
      const found = versions?.find(({ version }) => String(version) === req.params.version);
      if (!found) refuse(res, UNKNOWN);
      else if (found.resource === null) refuse(res, GONE);
      else sendRead(req, res, found.resource);
    }),
  );
}

/** Refuses to read in another format than JSON. What is wrong with `_format` in a search is told as of its parameters. */
const readable: RequestHandler = (req, res, next) => {
  const [type, ...below] = req.path.split('/').filter(Boolean);
  const reads = (req.method === 'GET' || req.method === 'HEAD') && (READ_TYPES as readonly unknown[]).includes(type);
  const asked = new URLSearchParams(queryOf(req));
  const refusal = reads ? formatRefusal(req, asked) : null;
  if (refusal && !(below.length === 0 && asked.get('_format'))) refuse(res, refusal);
  else next();
};

/** Sends what was read; 304 to a client that has this version (R4, "Conditional read"). */
function sendRead(req: Request, res: Response, resource: FhirResource): void {
  const known = (req.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const { versionId } = resource.meta ?? {};
  if (versionId && known.includes(`"${versionId}"`)) res.status(304).set('ETag', `W/"${versionId}"`).end();
  else sendVersion(res, 200, resource);
}

/** Sends a resource with ETag and Last-Modified. */
export function sendVersion(res: Response, status: number, resource: FhirResource): void {
  const { versionId, lastUpdated } = resource.meta ?? {};
  if (versionId) res.set('ETag', `W/"${versionId}"`);
  if (lastUpdated) res.set('Last-Modified', new Date(lastUpdated).toUTCString());
  sendFhir(res, status, resource);
}

async function search(fhir: HospitalFhir, res: Response, at: At, type: ReadType, given: URLSearchParams) {
  const strict = /(^|[\s,;])handling\s*=\s*"?strict\b/i.test(res.req.get('prefer') ?? '');
  const read = readSearch(type, given, { zone: at.site.timezone, strict });
  if (!read.ok) return refuse(res, read.refusal);
  const { search: asked, used, cursor, ignored } = read.asked;
  const page = await fhir.search(type, at.site.id, asked);
  const url = (next: string | null) => {
    const query = new URLSearchParams(used);
    if (next !== null) query.set('_cursor', next);
    return `${at.base}/${type}${query.size > 0 ? `?${query}` : ''}`;
  };
  const bundle = searchset(page.resources, {
    base: at.base,
    total: page.total,
    self: url(cursor),
    next: page.next && url(encodeCursor(page.next, asked.falling)),
    outcome: ignored.length > 0 ? { resourceType: 'OperationOutcome', issue: [passedOver(ignored)] } : null,
  });
  sendFhir(res, 200, bundle);
}

function passedOver(places: readonly number[]) {
  const message = `Passed over, since not offered here: parameter ${places.join(', ')} of the search.`;
  return issueOf({ code: 'search-parameter', issue: 'not-supported', message }, 'information');
}

const queryOf = (req: Request): string => {
  const at = req.originalUrl.indexOf('?');
  return at < 0 ? '' : req.originalUrl.slice(at + 1);
};

/** Parameters of a search by POST: those of the URL count too (R4 search, "Introduction"). */
async function readForm(req: Request): Promise<HttpRefusal | { parameters: URLSearchParams }> {
  const { 'content-length': length, 'content-type': type, 'transfer-encoding': coding } = req.headers;
  const empty = length === '0' || (length === undefined && coding === undefined);
  const refusal = empty && type === undefined ? null : contentRefusal(req, [FORM]);
  if (refusal) return refusal;
  const read = empty ? { ok: true as const, bytes: Buffer.alloc(0) } : await readBytes(req, MOST_FORM_BYTES);
  if (!read.ok) return read.refusal;
  const [url, form] = [queryOf(req), read.bytes.toString('utf8')];
  return { parameters: new URLSearchParams([url, form].filter(Boolean).join('&')) };
}
