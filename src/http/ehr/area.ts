import { Router } from 'express';
import type { Auth } from '../../auth/service.ts';
import type { Area } from '../app.ts';
import { authenticated } from '../auth/authenticated.ts';
import { smartConfiguration } from '../auth/smart-configuration.ts';
import type { RateLimits } from '../rate.ts';
import { metadata, type Readable } from './capability.ts';
import type { EhrParts } from './parts.ts';
import { routed, writeRoutes } from './router.ts';

export interface EhrAreaParts extends EhrParts {
  auth: Auth;
  rates: RateLimits;
  /** Reading routes of the same base, and what they can do. */
  reading: {
    mount: (router: Router) => void;
    readable: readonly Readable[];
    isMadeHere: NonNullable<EhrParts['isMadeHere']>;
  };
  /** When the service began (ISO 8601): the date of the CapabilityStatement. */
  since: string;
}

/** The FHIR base of every site: `/ehr/{site}/fhir`. */
export function ehrArea(parts: EhrAreaParts): Area {
  const { auth, rates, reading, gateway, publicUrl, since } = parts;
  const router = Router({ mergeParams: true, caseSensitive: true });
  router.get('/metadata', metadata(publicUrl, since, new Set(gateway.sites.keys()), reading.readable));
  router.use(smartConfiguration(auth));
  router.use(authenticated(auth, { base: 'ehr' }), rates.perClient);
  reading.mount(router);
  router.use(
    routed(
      writeRoutes({ ...parts, isMadeHere: reading.isMadeHere }),
      new Set(reading.readable.map(({ type }) => type)),
    ),
  );
  return { mount: '/ehr/:site/fhir', router };
}
