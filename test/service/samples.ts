import type { FhirResource } from '../../src/fhir/resource.ts';
import * as b from '../feed/builders.ts';

/** One valid resource of every type that a record may hold, all of one person. */
export function samplesOf(ctx: b.FeedContext): FhirResource[] {
  const request = b.serviceRequest(ctx, { on: '2025-06-09' });
  const reading = b.observation(ctx, {
    code: { coding: [b.localLab(ctx, 'L001')], text: 'platelets' },
    on: '2025-05-20T09:00:00+08:00',
    value: b.quantity(180, '10*9/L'),
  });
  return [
    b.patient(ctx),
    b.chronicHepatitisB(ctx),
    reading,
    b.diagnosticReport(ctx, { text: 'ultrasound', on: '2025-05-20', results: [reading], conclusion: 'steatosis' }),
    b.procedure(ctx, { on: '2025-05-21' }),
    request,
    b.consent(ctx, { on: '2025-05-12' }),
    b.relatedPerson(ctx),
    b.encounter(ctx, { period: { start: '2025-05-04', end: '2025-05-09' } }),
    b.specimen(ctx, { on: '2025-05-22', kit: 'KIT-1' }),
    b.adverseEvent(ctx, { on: '2025-05-23', criteria: ['C83052'], outcome: 'resolved' }),
    b.appointment(ctx, { request, start: '2025-06-09T08:00:00+08:00', end: '2025-06-09T10:00:00+08:00' }),
    b.medicationRequest(ctx, { drug: 'entecavir', on: '2025-05-02' }),
    medication(ctx, 'MedicationStatement', 'active', 'ms'),
    medication(ctx, 'MedicationAdministration', 'completed', 'ma'),
  ];
}

function medication(ctx: b.FeedContext, resourceType: string, status: string, kind: string): FhirResource {
  return {
    resourceType,
    id: ctx.id(kind),
    meta: { versionId: '1', lastUpdated: ctx.stamp(), source: ctx.site.fhirBase },
    status,
    medicationCodeableConcept: { text: 'entecavir' },
    subject: { reference: `Patient/${ctx.patientId}` },
    effectiveDateTime: '2025-05-02',
  };
}
