import type { Fault, Refused } from '../fhir/refusal.ts';
import { sortableInstant } from '../fhir/time.ts';
import { identifierAlias, idHash } from '../identity/alias.ts';
import type { SiteKeys } from '../identity/keys.ts';
import type { Arrival, ArrivedDeletion, ArrivedResource } from '../intake/arrival.ts';
import { type Change, changeOf, deletionOf, siteOf } from '../record/change.ts';
import type { ReferenceContext } from '../record/references.ts';
import type { Site } from '../study/site.ts';
import { type Gateway, keysOf } from './gateway.ts';

/** An arrival ready for the store, or why it is not. */
export type Prepared =
  | { kind: 'change'; change: Change; keys: SiteKeys }
  | { kind: 'passed-over'; type: string; reason: string }
  | Refused;

/** Checks an arrival and turns it into a change; happens before any transaction begins. */
export async function prepare(gateway: Gateway, named: Site | null, arrival: Arrival | Refused): Promise<Prepared> {
  if (arrival.kind === 'refused') return arrival;
  if (arrival.kind === 'passed-over') return { kind: 'passed-over', type: arrival.type, reason: arrival.reason };
  const faults = arrival.kind === 'resource' ? gateway.shape.check(arrival.resource) : [];
  if (faults[0]) return refuse(arrival, faults[0]);
  const site = siteOf(sourcesOf(arrival), named, gateway.sites);
  if ('reason' in site) return refuse(arrival, site);
  const keys = await keysOf(gateway, site.id);
  if (arrival.kind === 'deletion') {
    const at = sortableInstant(arrival.at ?? new Date(gateway.clock()).toISOString(), site.timezone);
    const key = { site: site.id, type: arrival.type, id: arrival.id };
    return { kind: 'change', change: deletionOf(key, at, arrival.versionId), keys };
  }
  const { study, valueSets, textRules } = gateway.loaded;
  const change = changeOf(arrival.resource, site, contextOf(arrival, site, keys), { study, valueSets, textRules });
  return 'reason' in change ? refuse(arrival, change) : { kind: 'change', change, keys };
}

function sourcesOf(arrival: ArrivedResource | ArrivedDeletion): (string | null | undefined)[] {
  const own = arrival.kind === 'resource' ? arrival.resource.meta?.source : null;
  return [own, arrival.bundle?.source, arrival.fullUrl];
}

function contextOf(arrival: ArrivedResource, site: Site, keys: SiteKeys): ReferenceContext {
  return {
    fhirBase: site.fhirBase,
    fullUrls: arrival.bundle?.fullUrls ?? new Map(),
    fullUrl: arrival.fullUrl,
    identifierAlias: (system, value) => identifierAlias(keys.identifierHash, system, value),
    urnAlias: (urn) => idHash(keys.identifierHash, 'urn', urn),
    identifierSystems: site.identifierSystems,
  };
}

function refuse(arrival: ArrivedResource | ArrivedDeletion, fault: Fault): Refused {
  const expression =
    fault.expression?.replace(
      /^Resource\b/,
      arrival.kind === 'resource' ? arrival.resource.resourceType : arrival.type,
    ) ?? null;
  return { kind: 'refused', place: arrival.place, reason: fault.reason, expression, message: fault.message };
}
