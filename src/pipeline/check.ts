import type { Fault } from '../fhir/refusal.ts';
import type { Arrival, ArrivedDeletion, ArrivedResource, SetAside } from '../intake/arrival.ts';
import { contentOf } from '../intake/content.ts';
import { siteOf } from '../record/change.ts';
import { OnceRead } from '../record/once.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';

/** What is known of an arrival before any study is asked: it has the shape of R4, and its hospital is known. */
export type Checked =
  | { kind: 'checked'; arrival: ArrivedResource; site: Site; once: OnceRead }
  | { kind: 'checked'; arrival: ArrivedDeletion; site: Site; once: null }
  | { kind: 'passed-over'; type: string; reason: string }
  | SetAside;

/**
 * Checks an arrival against R4 and finds its hospital: the same for every study, so it is done once.
 * @param several whether more than one study will prepare it
 */
export function checkArrival(
  { shape, sites }: Pick<Gateway, 'shape' | 'sites'>,
  named: Site | null,
  arrival: Arrival | SetAside,
  several = false,
): Checked {
  if (arrival.kind === 'refused') return arrival;
  if (arrival.kind === 'passed-over') return { kind: 'passed-over', type: arrival.type, reason: arrival.reason };
  const faults = arrival.kind === 'resource' ? shape.check(arrival.resource) : [];
  if (faults[0]) return refuse(arrival, faults[0]);
  const site = siteOf(sourcesOf(arrival), named, sites);
  if ('reason' in site) return refuse(arrival, site);
  if (arrival.kind === 'deletion') return { kind: 'checked', arrival, site, once: null };
  return { kind: 'checked', arrival, site, once: new OnceRead(arrival.resource, site, several) };
}

function sourcesOf(arrival: ArrivedResource | ArrivedDeletion): (string | null | undefined)[] {
  const own = arrival.kind === 'resource' ? arrival.resource.meta?.source : null;
  return [own, arrival.bundle?.source, arrival.fullUrl];
}

/** A fault of an arrival as what is set aside. */
export function refuse(arrival: ArrivedResource | ArrivedDeletion, fault: Fault): SetAside {
  const expression =
    fault.expression
      ?.replace(/^Resource\b/, arrival.kind === 'resource' ? arrival.resource.resourceType : arrival.type)
      .replace(/^Bundle\.entry\b/, `Bundle.entry[${arrival.place.entry}]`) ?? null;
  const { place } = arrival;
  const { reason, message } = fault;
  return { kind: 'refused', place, reason, expression, message, content: () => contentOf(arrival) };
}
