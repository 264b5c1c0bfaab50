import type { FhirResource, r4 } from '../fhir/resource.ts';
import { type Span, spanOf, spanOfPeriod } from '../fhir/time.ts';

/**
 * When a resource counts as having been: the clinically relevant time, not the time of its entry. For a request the
 * occurrence, else its appointment, never authoredOn (pre-operative tests come after the order).
 * @returns null when the resource does not say
 */
export function whenOf(resource: FhirResource, zone: string, appointments: ReadonlyMap<string, string[]>): Span | null {
  const one = resource as Record<string, unknown>;
  const date = (name: string) => (typeof one[name] === 'string' ? spanOf(one[name], zone) : null);
  const period = (name: string) => {
    const value = one[name] as r4.Period | undefined;
    return value ? spanOfPeriod(value, zone) : null;
  };
  /** For what has a course its beginning counts. */
  const start = (name: string) => {
    const value = one[name] as r4.Period | undefined;
    return value?.start ? spanOf(value.start, zone) : null;
  };
  switch (resource.resourceType) {
    case 'Condition':
      return date('recordedDate') ?? date('onsetDateTime') ?? start('onsetPeriod');
    case 'Observation':
      return date('effectiveDateTime') ?? date('effectiveInstant') ?? period('effectivePeriod') ?? date('issued');
    case 'DiagnosticReport':
      return date('effectiveDateTime') ?? period('effectivePeriod') ?? date('issued');
    case 'Procedure':
      return date('performedDateTime') ?? start('performedPeriod');
    case 'ServiceRequest':
      return (
        date('occurrenceDateTime') ??
        start('occurrencePeriod') ??
        timing(one.occurrenceTiming, zone) ??
        appointed(resource, zone, appointments)
      );
    case 'Consent':
      return date('dateTime');
    case 'Encounter':
      return start('period');
    case 'MedicationRequest':
      return date('authoredOn');
    case 'MedicationStatement':
      return date('effectiveDateTime') ?? period('effectivePeriod') ?? date('dateAsserted');
    case 'MedicationAdministration':
      return date('effectiveDateTime') ?? period('effectivePeriod');
    default:
      return null;
  }
}

/** When the order of a request was written; only to place a request that has no other date. */
export function authoredOf(resource: FhirResource, zone: string): Span | null {
  return typeof resource.authoredOn === 'string' ? spanOf(resource.authoredOn, zone) : null;
}

function timing(value: unknown, zone: string): Span | null {
  const timing = value as r4.Timing | undefined;
  const text = timing?.event?.[0] ?? timing?.repeat?.boundsPeriod?.start;
  return text ? spanOf(text, zone) : null;
}

function appointed(resource: FhirResource, zone: string, appointments: ReadonlyMap<string, string[]>): Span | null {
  const starts = (appointments.get(`ServiceRequest/${resource.id}`) ?? []).flatMap((text) => spanOf(text, zone) ?? []);
  return starts.sort((a, b) => a.start - b.start)[0] ?? null;
}
