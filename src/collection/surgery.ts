import type { FhirResource, r4 } from '../fhir/resource.ts';
import { type Days, daysOf, orderOf, type Span, spanOf } from '../fhir/time.ts';
import { readConcept } from '../terminology/concept.ts';
import type { CollectionContext, Surgery } from './about.ts';
import type { CollectionTime } from './order.ts';

const BEGUN = new Set(['in-progress', 'on-hold', 'stopped', 'completed', 'unknown']);
const ORDERS = new Set(['order', 'original-order', 'reflex-order', 'filler-order', 'instance-order']);
const STANDING = new Set(['active', 'on-hold']);
/** An Appointment in one of these takes place (R4, appointmentstatus). */
const KEPT = new Set(['pending', 'booked', 'arrived', 'checked-in', 'waitlist']);

/**
 * Finds a person's operations of the study: what has begun (Procedure), and what is booked (Procedure in preparation;
 * order that stands and that no operation has answered yet, dated by its occurrence, else by its Appointment, else not).
 * In the order of their references.
 */
export function surgeriesOf(resources: readonly FhirResource[], context: CollectionContext): Surgery[] {
  const { rules, site } = context;
  const isOfStudy = (code: unknown) =>
    readConcept(code as r4.CodeableConcept | undefined, site.terminology, rules.surgery.valueSets).sets.has(
      rules.surgery.id,
    );
  const ofType = <T>(type: string) => resources.filter((one) => one.resourceType === type) as unknown as T[];
  const procedures = ofType<r4.Procedure>('Procedure').filter(({ code }) => isOfStudy(code));
  const begun = procedures.filter(({ status }) => BEGUN.has(status));
  const booked = procedures.filter(({ status }) => status === 'preparation');
  const appointments = ofType<r4.Appointment>('Appointment').filter(({ status }) => KEPT.has(status));
  const orders = ofType<r4.ServiceRequest>('ServiceRequest').filter(
    ({ code, intent, status, doNotPerform }) =>
      ORDERS.has(intent) && STANDING.has(status) && doNotPerform !== true && isOfStudy(code),
  );
  const surgeries: Surgery[] = [
    ...begun.map((one) => ({ reference: `Procedure/${one.id}`, started: true, start: startOf(one, site.timezone) })),
    ...booked.map((one) => ({ reference: `Procedure/${one.id}`, started: false, start: startOf(one, site.timezone) })),
    ...orders
      .filter((order) => !isAnswered(order))
      .map((order) => ({ reference: `ServiceRequest/${order.id}`, started: false, start: occurrenceOf(order) })),
  ];
  return surgeries.sort((a, b) => (a.reference < b.reference ? -1 : 1));

  /** By an operation that names it, or begun on its day or later (study protocol reading, "A request is open"). */
  function isAnswered(order: r4.ServiceRequest): boolean {
    const named = procedures.some(
      ({ basedOn, status }) =>
        status !== 'not-done' && basedOn?.some(({ reference }) => reference === `ServiceRequest/${order.id}`),
    );
    if (named) return true;
    const day = days(occurrenceOf(order) ?? (order.authoredOn ? spanOf(order.authoredOn, site.timezone) : null));
    return begun.some((one) => {
      const done = days(startOf(one, site.timezone));
      return day !== null && done !== null && done.first >= day.last;
    });
  }

  function occurrenceOf(order: r4.ServiceRequest): Span | null {
    const own = order.occurrenceDateTime ?? order.occurrencePeriod?.start ?? order.occurrenceTiming?.event?.[0];
    if (own) return spanOf(own, site.timezone);
    const spans = appointments
      .filter(({ basedOn }) => basedOn?.some(({ reference }) => reference === `ServiceRequest/${order.id}`))
      .flatMap(({ start }) => (start ? (spanOf(start, site.timezone) ?? []) : []));
    return spans.sort((a, b) => a.start - b.start)[0] ?? null;
  }

  function days(span: Span | null): Days | null {
    return span && daysOf(span, site.timezone);
  }
}

function startOf(procedure: r4.Procedure, zone: string): Span | null {
  const text = procedure.performedDateTime ?? procedure.performedPeriod?.start;
  return text ? spanOf(text, zone) : null;
}

/** How a collection lies to the operation it belongs to. */
export interface BelongsTo {
  surgery: Surgery;
  /** Null when their order cannot be decided. */
  order: 'before' | 'after' | null;
}

/**
 * The operation a collection belongs to: the nearest in time, booked ones counted. An operation that has begun nobody
 * knows when may be it whatever the others say, so it comes first, with the order open.
 */
export function surgeryOf(time: CollectionTime, surgeries: readonly Surgery[]): BelongsTo | null {
  const near = surgeries.flatMap((surgery): (BelongsTo & { distance: number })[] => {
    const { start, started } = surgery;
    if (!start) return started ? [{ surgery, order: null, distance: -1 }] : [];
    const order = orderOf(time.finished, start);
    const apart = order === 'before' ? start.start - time.finished.end : time.began.start - start.end;
    return [{ surgery, order, distance: order === null ? 0 : Math.max(0, apart) }];
  });
  // As near as another, and begun before the collection: the stricter answer.
  const rank = ({ order }: BelongsTo) => ['after', null, 'before'].indexOf(order);
  near.sort(
    (a, b) => a.distance - b.distance || rank(a) - rank(b) || (a.surgery.reference < b.surgery.reference ? -1 : 1),
  );
  return near[0] ?? null;
}
