import { Router } from 'express';
import type { Area } from '../app.ts';
import { authenticated } from '../auth/authenticated.ts';
import { smartConfiguration } from '../auth/smart-configuration.ts';
import { routed } from '../ehr/router.ts';
import { metadata } from './capability.ts';
import { exportRoutes } from './export.ts';
import type { FhirParts } from './parts.ts';
import { readRoutes } from './router.ts';

/** The research API of registries' clients: `/fhir`. */
export function fhirArea(parts: FhirParts): Area {
  const { auth, rates, desk, since, refresh } = parts;
  const router = Router({ caseSensitive: true });
  router.get('/metadata', metadata(desk.base, since));
  router.use(smartConfiguration(auth));
  router.use(authenticated(auth, { base: 'fhir' }), rates.perClient);
  if (refresh) {
    router.use(async (_req, _res, next) => {
      await refresh();
      next();
    });
  }
  router.use(routed([...exportRoutes(parts), ...readRoutes(parts)]));
  return { mount: '/fhir', router };
}
