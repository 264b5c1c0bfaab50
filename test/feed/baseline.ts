import type { FhirResource } from '../../src/fhir/resource.ts';
import {
  chronicHepatitisB,
  consent,
  elastography,
  type FeedContext,
  hemangioma,
  lab,
  noise,
  type PatientOptions,
  patient,
  qualitative,
  serviceRequest,
} from './builders.ts';

/** A moment of a day in May 2025, between the days given, in Shanghai or as UTC. */
export function inMay(ctx: FeedContext, from: number, to: number): string {
  const day = `2025-05-${String(ctx.random.int(from, to)).padStart(2, '0')}`;
  return ctx.random.pick([`${day}T09:${ctx.random.int(10, 59)}:00+08:00`, `${day}T02:${ctx.random.int(10, 59)}:00Z`]);
}

/** HIV Ag/Ab negative within 90 days before any anchor that the stories use. */
export const hivNegative = (ctx: FeedContext): FhirResource[] => [
  qualitative(ctx, 'hivAgAb', 'negative', { on: inMay(ctx, 18, 28) }),
];

/** Platelets, INR and APTT normal and within 30 days before 2025-06-10. */
export function coagulation(ctx: FeedContext): FhirResource[] {
  const on = inMay(ctx, 18, 28);
  return [
    lab(ctx, 'platelets', ctx.random.int(130, 290), { on }),
    lab(ctx, 'inr', ctx.random.int(90, 115) / 100, { on, unit: ctx.random.pick(['1', '{INR}']) }),
    lab(ctx, 'aptt', ctx.random.int(26, 38), { on }),
  ];
}

/** Chronic hepatitis B with a positive HBsAg. */
export const hepatitisB = (ctx: FeedContext): FhirResource[] => [
  chronicHepatitisB(ctx),
  qualitative(ctx, 'hbsag', 'positive', { on: inMay(ctx, 10, 28) }),
];

/** What takes the flag `provisional-group` from a Normal person: HBsAg negative, fat and stiffness measured and low. */
export function measuredNormal(ctx: FeedContext): FhirResource[] {
  const measures = { cap: ctx.random.int(180, 225), lsm: ctx.random.int(40, 58) / 10, iqr: ctx.random.int(8, 22) };
  return [
    qualitative(ctx, 'hbsag', 'negative', { on: inMay(ctx, 10, 28) }),
    ...elastography(ctx, measures, { on: inMay(ctx, 10, 28) }),
  ];
}

/** Hemangioma with everything measured that the Normal group asks for. */
export const measuredHemangioma = (ctx: FeedContext): FhirResource[] => [hemangioma(ctx), ...measuredNormal(ctx)];

/** An open hepatectomy between 5 and 10 June 2025. */
export const openRequest = (ctx: FeedContext): FhirResource[] => [
  serviceRequest(ctx, { on: ctx.random.pick(['2025-06-05', '2025-06-09T08:30:00+08:00', '2025-06-10']) }),
];

/** Consent v3.0, valid, signed by the patient between 5 and 15 May 2025. */
export const validConsent = (ctx: FeedContext): FhirResource[] => [
  consent(ctx, { on: ctx.random.pick(['2025-05-05', '2025-05-12T15:20:00+08:00', '2025-05-15']) }),
];

/** Parts of a person that differ from the eligible one; an empty list leaves a part out. */
export interface Parts {
  patient?: PatientOptions;
  disease?: FhirResource[];
  consents?: FhirResource[];
  need?: FhirResource[];
  hiv?: FhirResource[];
  coagulation?: FhirResource[];
  more?: FhirResource[];
}

/** The eligible person of the protocol page's worked examples ("Unless said"), with hepatitis B unless said. */
export function eligiblePerson(ctx: FeedContext, parts: Parts = {}): FhirResource[] {
  return [
    patient(ctx, parts.patient),
    ...(parts.disease ?? hepatitisB(ctx)),
    ...(parts.consents ?? validConsent(ctx)),
    ...(parts.need ?? openRequest(ctx)),
    ...(parts.hiv ?? hivNegative(ctx)),
    ...(parts.coagulation ?? coagulation(ctx)),
    ...(parts.more ?? []),
    ...noise(ctx),
  ];
}
