import express, { type Express, type Request, type RequestHandler, type Response, type Router } from 'express';
import helmet from 'helmet';
import type { Health } from '../operations/health.ts';
import { uploadDeadline } from './deadline.ts';
import { errorHandler, hostNamed, notFound } from './errors.ts';
import { healthRoutes } from './health.ts';
import { localsOf } from './locals.ts';
import { type Observer, observe } from './observe.ts';
import type { RateLimits } from './rate.ts';

/** A part of the service that answers under a path. */
export interface Area {
  /** Path or template of a path, `/ehr/:site/fhir` say (the router then needs `mergeParams`). Logs and metrics show it. */
  mount: string;
  router: Router;
}

export interface AppParts extends Observer {
  settings: {
    /** seconds */
    uploadSeconds: number;
    /** addresses and networks whose X-Forwarded-For is believed */
    trustProxy: readonly string[];
  };
  health: Health;
  rates: RateLimits;
  areas: readonly Area[];
}

// Nothing that is answered here is a page: a browser is to load and frame nothing.
const NO_CONTENT = { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } };

/** Headers that every answer has. Those of helmet are the same each time, so it is asked once. */
function sameHeaders(): RequestHandler {
  const headers = new Map<string, string>();
  const asked = { setHeader: headers.set.bind(headers), removeHeader: headers.delete.bind(headers) };
  helmet({ contentSecurityPolicy: NO_CONTENT })({} as Request, asked as unknown as Response, () => {});
  headers.set('Cache-Control', 'no-store');
  const all = [...headers];
  return (_req, res, next) => {
    for (const [name, value] of all) res.setHeader(name, value);
    next();
  };
}

/**
 * The service: what holds for every request, then the areas in their order, then 404. Areas know nothing of one
 * another, and nothing here knows them.
 */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  // ETag is the version of a resource in FHIR; Express would make one of the bytes, and answer 304.
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');
  app.set('trust proxy', [...parts.settings.trustProxy]);
  app.use(observe(parts));
  app.use(sameHeaders());
  app.use(hostNamed);
  app.use(uploadDeadline(parts.settings.uploadSeconds));
  app.use(healthRoutes(parts.health, parts.metrics));
  app.use(parts.rates.perAddress);
  for (const { mount, router } of parts.areas) {
    app.use(mount, (req, res, next) => {
      const locals = localsOf(res);
      // The nearest of those that it came through: what an area lets pass may reach one above it.
      if (mount.length > (locals.area?.length ?? 0)) locals.area = mount;
      router(req, res, next);
    });
  }
  app.use(notFound);
  app.use(errorHandler(parts.log));
  return app;
}
