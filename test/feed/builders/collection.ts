import { AE_BACKPORT } from '../../../src/fhir/ae-backport.ts';
import { PLANNED_END } from '../../../src/fhir/planned-end.ts';
import type { FhirResource, r4 } from '../../../src/fhir/resource.ts';
import type { FeedContext } from '../context.ts';
import { encounter } from './care.ts';
import { concept, snomed } from './codes.ts';
import { plain, referenceTo, type Stamped, stamped, subjectOf } from './meta.ts';

const THESAURUS = 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl';

export interface SpecimenOptions extends Stamped {
  /** SNOMED CT; blood unless said. */
  type?: string;
  /** collectedDateTime; null leaves it out. */
  on: string | null;
  /** Volume in mL; null leaves it out. */
  ml?: number | null;
  /** Kit id of the study; null for a specimen of the hospital's own. */
  kit: string | null;
  parent?: FhirResource;
  status?: r4.Specimen['status'];
}

/** R4 Specimen; 32 mL of blood from the upper limb unless said. */
export function specimen(ctx: FeedContext, options: SpecimenOptions): FhirResource {
  const { type = '119297000', on, ml = 32, kit, parent } = options;
  return plain({
    resourceType: 'Specimen',
    ...stamped(ctx, 'sp', options),
    ...(kit === null ? {} : { identifier: [{ system: 'https://study-gateway.example/sid/kit', value: kit }] }),
    status: options.status ?? 'available',
    type: concept(snomed(type)),
    subject: subjectOf(ctx),
    ...(parent ? { parent: [{ reference: referenceTo(parent) }] } : {}),
    collection: {
      ...(on === null ? {} : { collectedDateTime: on }),
      ...(ml === null ? {} : { quantity: { value: ml, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' } }),
      ...(type === '119297000' ? { bodySite: concept(snomed('53120007')) } : {}),
    },
  });
}

export interface AdverseEventOptions extends Stamped {
  on: string;
  /** ICD-10-CN code; bleeding after an operation unless said. */
  code?: string;
  /** NCI Thesaurus codes of criteria that are present. */
  criteria?: readonly string[];
  outcome?: string;
  recordedDate?: string;
}

/** R4 AdverseEvent with the extensions of the AE research backport; not serious unless criteria say so. */
export function adverseEvent(ctx: FeedContext, options: AdverseEventOptions): FhirResource {
  const { criteria = [] } = options;
  return plain({
    resourceType: 'AdverseEvent',
    ...stamped(ctx, 'ae', options),
    ...(criteria.length === 0
      ? {}
      : {
          extension: criteria.map((code) => ({
            url: `${AE_BACKPORT}StructureDefinition/seriousness-criteria`,
            extension: [
              { url: 'criterionCode', valueCodeableConcept: { coding: [{ system: THESAURUS, code }] } },
              { url: 'criterionPresent', valueBoolean: true },
            ],
          })),
        }),
    actuality: 'actual',
    event: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cn', code: options.code ?? 'T81.000' }] },
    subject: subjectOf(ctx),
    date: options.on,
    ...(options.recordedDate === undefined ? {} : { recordedDate: options.recordedDate }),
    ...(options.outcome === undefined
      ? {}
      : {
          outcome: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adverse-event-outcome', code: options.outcome }],
          },
        }),
  });
}

/** R4 Encounter: a stay with the end that was planned for it (cross-version extension of R5). */
export function plannedStay(
  ctx: FeedContext,
  options: Stamped & { period: r4.Period; plannedEnd: string },
): FhirResource {
  return { ...encounter(ctx, options), extension: [{ url: PLANNED_END, valueDateTime: options.plannedEnd }] };
}
