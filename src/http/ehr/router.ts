import { type RequestHandler, Router } from 'express';
import { type HttpRefusal, refuse } from '../respond.ts';
import { takeBundle } from './bundle.ts';
import { FHIR_NDJSON, takeLines } from './ndjson.ts';
import type { EhrParts } from './parts.ts';
import { conditionalUpdate, create, remove, update } from './single.ts';

/** A route of the intake base: method, path, and what it does. The CapabilityStatement is held against these. */
export interface EhrRoute {
  method: 'get' | 'post' | 'put' | 'delete';
  path: string;
  handler: RequestHandler;
}

/** The writing routes of a site's FHIR base. */
export function writeRoutes(parts: EhrParts): EhrRoute[] {
  const bundle = takeBundle(parts);
  const lines = takeLines(parts);
  return [
    {
      method: 'post',
      path: '/',
      handler: (req, res, next) => (/ndjson/i.test(req.headers['content-type'] ?? '') ? lines : bundle)(req, res, next),
    },
    { method: 'post', path: '/:type', handler: create(parts) },
    { method: 'put', path: '/:type/:id', handler: update(parts) },
    { method: 'put', path: '/:type', handler: conditionalUpdate(parts) },
    { method: 'delete', path: '/:type/:id', handler: remove(parts) },
  ];
}

/**
 * Puts routes on a router, and answers 405 with Allow where a path exists with other methods.
 * @param read types that other routes read and search under the same paths
 */
export function routed(routes: readonly EhrRoute[], read: ReadonlySet<string> = new Set()): Router {
  const router = Router({ mergeParams: true, caseSensitive: true });
  for (const { method, path, handler } of routes) router[method](path, handler);
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    router.all(path, (req, res) => {
      const more = read.has(String(req.params.type)) ? ['GET', 'HEAD'] : [];
      res.set('Allow', [...allowed, ...more].join(', '));
      refuse(res, OTHER_METHOD);
    });
  }
  return router;
}

const OTHER_METHOD: HttpRefusal = {
  status: 405,
  code: 'method',
  issue: 'not-supported',
  message: 'This address takes other methods: the header Allow names them.',
};

export { FHIR_NDJSON };
