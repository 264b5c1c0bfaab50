import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';
import { concept, icd9cm, icd9cn, localOperation, snomed } from './codes.ts';
import { plain, referenceTo, type Stamped, stamped, subjectOf } from './meta.ts';

/** A hepatectomy in one of the ways its code may come. */
export function resection(ctx: FeedContext): r4.CodeableConcept {
  return concept(
    ctx.random.pick([
      localOperation(ctx, 'OP5022'),
      icd9cm('50.22'),
      icd9cm('5022'),
      icd9cn('50.2200x003'),
      snomed('107963000'),
    ]),
  );
}

export function biopsy(ctx: FeedContext): r4.CodeableConcept {
  return concept(ctx.random.pick([localOperation(ctx, 'OP5011'), icd9cm('50.11'), snomed('86259008')]));
}

/** Ablation of liver tissue: does not show the need that the study asks for. */
export const ablation = (): r4.CodeableConcept => concept(icd9cm('50.24', '经皮肝消融术'));

export interface RequestOptions extends Stamped {
  code?: r4.CodeableConcept;
  status?: r4.ServiceRequest['status'];
  intent?: r4.ServiceRequest['intent'];
  /** occurrenceDateTime; null leaves it out. */
  on: string | null;
  authoredOn?: string;
  doNotPerform?: boolean;
}

/** R4 ServiceRequest; an active order of a hepatectomy unless said. */
export function serviceRequest(ctx: FeedContext, options: RequestOptions): FhirResource {
  return plain({
    resourceType: 'ServiceRequest',
    ...stamped(ctx, 's', options),
    status: options.status ?? 'active',
    intent: options.intent ?? 'order',
    ...(options.doNotPerform === undefined ? {} : { doNotPerform: options.doNotPerform }),
    code: options.code ?? resection(ctx),
    subject: subjectOf(ctx),
    ...(options.on === null ? {} : { occurrenceDateTime: options.on }),
    authoredOn: options.authoredOn ?? '2025-05-12',
  });
}

export interface ProcedureOptions extends Stamped {
  code?: r4.CodeableConcept;
  status?: r4.Procedure['status'];
  /** performedDateTime, or the start of performedPeriod when `until` is given. */
  on: string;
  until?: string;
}

/** R4 Procedure; a completed hepatectomy unless said. */
export function procedure(ctx: FeedContext, options: ProcedureOptions): FhirResource {
  return plain({
    resourceType: 'Procedure',
    ...stamped(ctx, 'pr', options),
    status: options.status ?? 'completed',
    code: options.code ?? resection(ctx),
    subject: subjectOf(ctx),
    ...(options.until === undefined
      ? { performedDateTime: options.on }
      : { performedPeriod: { start: options.on, end: options.until } }),
  });
}

/** R4 Appointment, booked for what `request` asks. `start` and `end` are instants with a zone. */
export function appointment(
  ctx: FeedContext,
  options: Stamped & { request: FhirResource; start: string; end: string },
): FhirResource {
  return plain({
    resourceType: 'Appointment',
    ...stamped(ctx, 'a', options),
    status: 'booked',
    start: options.start,
    end: options.end,
    basedOn: [{ reference: referenceTo(options.request) }],
    participant: [{ actor: subjectOf(ctx), status: 'accepted' }],
  });
}
