import express, { type Express, type Router } from 'express';
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
  app.use(helmet({ contentSecurityPolicy: NO_CONTENT }));
  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  app.use(hostNamed);
  app.use(uploadDeadline(parts.settings.uploadSeconds));
  app.use(healthRoutes(parts.health, parts.metrics));
  app.use(parts.rates.perAddress);
  for (const { mount, router } of parts.areas) {
    app.use(mount, (_req, res, next) => {
      localsOf(res).area = mount;
      next();
    });
    app.use(mount, router);
  }
  app.use(notFound);
  app.use(errorHandler(parts.log));
  return app;
}
