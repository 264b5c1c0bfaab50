import { Router } from 'express';
import type { Auth } from '../../auth/service.ts';
import { READ_TYPES, type ReadType } from '../../views/hospital-fhir.ts';
import type { Area } from '../app.ts';
import { authenticated, clientOf, scopeRefusal } from '../auth/authenticated.ts';
import type { Readable } from '../ehr/capability.ts';
import type { RateLimits } from '../rate.ts';
import type { Allows } from './access.ts';
import { type EventParts, hospitalEvents } from './events.ts';
import { FILTERS } from './parameters.ts';
import { hospitalReads } from './routes.ts';
import { hospitalSubscriptions, type SubscriptionParts } from './subscriptions.ts';

type Parts = Omit<EventParts & SubscriptionParts, 'allows' | 'expiresAt' | 'fhir'> & {
  fhir: Parameters<typeof hospitalReads>[1]['fhir'];
};

const allows: Allows = (res, type, action) => scopeRefusal(clientOf(res), type, action) === null;

export interface HospitalReading {
  mount: (router: Router) => void;
  readable: Readable[];
  /** Whether there is such a resource of ours. */
  isMadeHere(type: string, site: string, id: string): Promise<boolean>;
}

const isReadType = (type: string): type is ReadType => (READ_TYPES as readonly string[]).includes(type);

/** What a hospital reads at its base, as routes and as its CapabilityStatement tells them. */
export function hospitalReading(parts: Parts): HospitalReading {
  return {
    isMadeHere: async (type, site, id) =>
      isReadType(type) && ![null, 'gone'].includes((await parts.fhir.read(type, site, id)) as string | null),
    mount(router) {
      hospitalReads(router, { ...parts, allows });
      hospitalSubscriptions(router, { ...parts, allows });
    },
    readable: READ_TYPES.map((type) => ({
      type,
      interactions:
        type === 'ResearchSubject' ? ['read', 'vread', 'history-instance', 'search-type'] : ['read', 'search-type'],
      search: [
        { name: '_id', type: 'token' },
        { name: '_lastUpdated', type: 'date' },
        ...FILTERS[type].map((name) => ({
          name,
          type: name === 'focus' ? ('reference' as const) : ('token' as const),
        })),
      ],
    })),
  };
}

/** The event stream of every site: `/ehr/{site}/events`. It ends with the token of who listens. */
export function eventsArea(auth: Auth, rates: RateLimits, parts: Parts): Area {
  const router = Router({ mergeParams: true, caseSensitive: true });
  router.use('/events', authenticated(auth, { base: 'ehr' }), rates.perClient);
  hospitalEvents(router, { ...parts, allows, expiresAt: (res) => clientOf(res).expiresAt });
  return { mount: '/ehr/:site', router };
}
