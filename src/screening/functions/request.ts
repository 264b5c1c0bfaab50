import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { daysOf } from '../../fhir/time.ts';
import type { Session } from '../session.ts';
import { authoredOf } from '../when.ts';

/** R4 request intents that are orders; proposal, plan, directive and option are not. */
const ORDERS = new Set(['order', 'original-order', 'reflex-order', 'filler-order', 'instance-order']);
const STANDING = new Set(['active', 'on-hold']);

/** Whether it is an order that was not taken back, or a booked Procedure. */
export function isOrder(_session: Session, resource: FhirResource): boolean {
  if (resource.resourceType === 'Procedure') return true;
  const request = resource as unknown as r4.ServiceRequest;
  return ORDERS.has(request.intent) && (STANDING.has(request.status) || request.status === 'completed');
}

/**
 * Whether a request is open: active or on-hold and no closing procedure on or after its day; completed until that
 * procedure, or so many days after its occurrence. Without any date only the absence of procedures keeps it open.
 */
export function isOpen(session: Session, request: FhirResource, closing: FhirResource[], days: number): boolean | [] {
  const authored = authoredOf(request, session.zone);
  const own = session.days(request) ?? (authored && daysOf(authored, session.zone));
  let open = false;
  for (const procedure of closing) {
    if (procedure === request) continue;
    const done = session.days(procedure);
    if (!own || !done || (done.first < own.last && done.last >= own.first)) open = true;
    else if (done.first >= own.last) return false;
  }
  if (open) return session.undecided(request, 'date');
  if (request.status !== 'completed' || request.resourceType === 'Procedure') return true;
  const occurred = session.days(request);
  if (!occurred) return session.undecided(request, 'date');
  session.turns(occurred.last + days + 1);
  if (occurred.first + days >= session.today) return true;
  return occurred.last + days >= session.today ? session.undecided(request, 'date') : false;
}

/**
 * Whether a request or procedure is, or may be, dated in the enrolment period: occurrence, else appointment, else the
 * day the order was written. A standing order without any date is of today.
 */
export function inEnrolment(session: Session, resource: FhirResource): boolean | [] {
  const { first, last } = session.study.enrolment;
  const authored = authoredOf(resource, session.zone);
  const days = session.days(resource) ?? (authored && daysOf(authored, session.zone));
  if (days) return days.last >= first && days.first <= last;
  if (!STANDING.has(String(resource.status)) && resource.status !== 'preparation') {
    return session.undecided(resource, 'date');
  }
  session.turns(first);
  session.turns(last + 1);
  return session.today >= first && session.today <= last;
}
