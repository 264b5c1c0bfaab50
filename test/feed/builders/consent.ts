import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';
import { plain, referenceTo, type Stamped, stamped, subjectOf } from './meta.ts';

/** Root of the study's consent forms; the version follows as the last segment. */
export const ICF = 'https://ncct.example.cn/NFEC-2023-207/icf';

export interface ConsentOptions extends Stamped {
  version?: 'v1.0' | 'v2.0' | 'v3.0';
  /** Another study's form instead of ours. */
  policyUri?: string;
  /** Names the form by `policyRule.coding` instead of `policy.uri`. */
  asPolicyRule?: boolean;
  status?: r4.Consent['status'];
  scope?: 'research' | 'patient-privacy' | 'treatment';
  /** dateTime of signing; null leaves it out. */
  on: string | null;
  /** Root provision; null leaves the type out. */
  provision?: 'permit' | 'deny' | null;
  period?: r4.Period;
  /** Who signed: the patient (default), a RelatedPerson, any other reference, or nobody named. */
  performer?: FhirResource | string | 'none';
}

/** R4 Consent of the person to this study: v3.0, active, permit, signed by the patient, unless said. */
export function consent(ctx: FeedContext, options: ConsentOptions): FhirResource {
  const version = options.version ?? 'v3.0';
  const by = options.performer ?? subjectOf(ctx).reference!;
  const performer = typeof by === 'string' ? by : referenceTo(by);
  const verified = typeof by === 'string' ? false : by.resourceType === 'RelatedPerson';
  const type = options.provision === undefined ? 'permit' : options.provision;
  return plain({
    resourceType: 'Consent',
    ...stamped(ctx, 'k', options),
    status: options.status ?? 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: options.scope ?? 'research' }],
    },
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentcategorycodes', code: 'research' }] },
    ],
    patient: subjectOf(ctx),
    ...(options.on === null ? {} : { dateTime: options.on }),
    ...(performer === 'none' ? {} : { performer: [{ reference: performer }] }),
    ...(options.asPolicyRule === true
      ? { policyRule: { coding: [{ system: ICF, code: version }] } }
      : { policy: [{ uri: options.policyUri ?? `${ICF}/${version}` }] }),
    ...(verified ? { verification: [{ verified: true, verifiedWith: { reference: performer } }] } : {}),
    ...(type === null && options.period === undefined
      ? {}
      : {
          provision: {
            ...(type === null ? {} : { type }),
            ...(options.period === undefined ? {} : { period: options.period }),
          },
        }),
  });
}
