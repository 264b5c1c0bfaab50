import { AE_BACKPORT } from '../fhir/ae-backport.ts';
import type { FhirResource } from '../fhir/resource.ts';

/** Elements of each type that screening may ask for; the rest is not kept. Identities (names, notes, narratives) never. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  Condition: [
    'clinicalStatus',
    'verificationStatus',
    'category',
    'severity',
    'code',
    'bodySite',
    'encounter',
    'onsetDateTime',
    'onsetPeriod',
    'onsetAge',
    'abatementDateTime',
    'abatementPeriod',
    'abatementAge',
    'abatementRange',
    'abatementString',
    'recordedDate',
    'stage',
  ],
  Observation: [
    'basedOn',
    'status',
    'category',
    'code',
    'encounter',
    'effectiveDateTime',
    'effectivePeriod',
    'effectiveInstant',
    'issued',
    'valueQuantity',
    'valueCodeableConcept',
    'valueString',
    'valueBoolean',
    'valueInteger',
    'valueRange',
    'dataAbsentReason',
    'interpretation',
    'bodySite',
    'method',
    'component',
    'specimen',
    'referenceRange',
    'partOf',
    'hasMember',
    'derivedFrom',
  ],
  DiagnosticReport: [
    'basedOn',
    'status',
    'category',
    'code',
    'encounter',
    'effectiveDateTime',
    'effectivePeriod',
    'issued',
    'result',
    'specimen',
    'conclusion',
    'conclusionCode',
  ],
  Procedure: [
    'basedOn',
    'status',
    'statusReason',
    'category',
    'code',
    'encounter',
    'performedDateTime',
    'performedPeriod',
    'bodySite',
    'outcome',
  ],
  ServiceRequest: [
    'status',
    'intent',
    'category',
    'doNotPerform',
    'code',
    'encounter',
    'occurrenceDateTime',
    'occurrencePeriod',
    'occurrenceTiming',
    'authoredOn',
    'bodySite',
  ],
  Consent: ['status', 'scope', 'category', 'dateTime', 'performer', 'policy', 'policyRule', 'provision', 'contained'],
  Encounter: ['status', 'class', 'period', 'diagnosis'],
  Specimen: [
    'status',
    'type',
    'parent',
    'request',
    'collection',
    'processing',
    'container',
    'condition',
    'receivedTime',
  ],
  AdverseEvent: [
    'actuality',
    'category',
    'event',
    'date',
    'detected',
    'recordedDate',
    'resultingCondition',
    'seriousness',
    'severity',
    'outcome',
    'suspectEntity',
    'study',
    'extension',
    'modifierExtension',
  ],
  RelatedPerson: ['active', 'relationship', 'period'],
  Appointment: ['status', 'start', 'end', 'basedOn'],
  MedicationRequest: ['status', 'intent', 'medicationCodeableConcept', 'medicationReference', 'authoredOn'],
  MedicationStatement: [
    'status',
    'medicationCodeableConcept',
    'medicationReference',
    'effectiveDateTime',
    'effectivePeriod',
    'dateAsserted',
  ],
  MedicationAdministration: [
    'status',
    'medicationCodeableConcept',
    'medicationReference',
    'effectiveDateTime',
    'effectivePeriod',
  ],
  Patient: ['active', 'name', 'gender', 'birthDate', 'deceasedBoolean', 'deceasedDateTime', 'link', 'identifier'],
};

/** Of contained resources only a guardian's relationship is of use. */
const CONTAINED = ['resourceType', 'id', 'active', 'relationship'];

/** What is kept of a resource whose references were rewritten. */
export function prune(resource: FhirResource): FhirResource {
  const kept: FhirResource = { resourceType: resource.resourceType };
  if (resource.id !== undefined) kept.id = resource.id;
  const { versionId, lastUpdated } = resource.meta ?? {};
  if (versionId || lastUpdated) {
    kept.meta = { ...(versionId ? { versionId } : {}), ...(lastUpdated ? { lastUpdated } : {}) };
  }
  for (const element of ELEMENTS[resource.resourceType] ?? []) {
    if (resource[element] !== undefined) kept[element] = resource[element];
  }
  if (resource.resourceType === 'Specimen') Object.assign(kept, kitsOf(resource));
  if (Array.isArray(kept.container)) kept.container = kept.container.map(withKitOnly);
  if (resource.resourceType === 'AdverseEvent') keepBackport(kept);
  const drug = containedDrug(resource);
  if (drug) kept.medicationCodeableConcept = drug;
  if (Array.isArray(kept.contained)) {
    const related = (kept.contained as FhirResource[]).filter((one) => one.resourceType === 'RelatedPerson');
    kept.contained = related.map((one) => Object.fromEntries(CONTAINED.map((name) => [name, one[name]])));
  }
  return kept;
}

/** The code of a contained Medication that a medicationReference leads to. */
function containedDrug(resource: FhirResource): unknown {
  const reference = (resource.medicationReference as { reference?: string } | undefined)?.reference;
  if (!reference?.startsWith('#')) return undefined;
  return ((resource.contained ?? []) as FhirResource[]).find((one) => one.id === reference.slice(1))?.code;
}

/** Extensions of the AE research backport carry codes only; others may carry anything. */
function keepBackport(event: FhirResource): void {
  for (const name of ['extension', 'modifierExtension']) {
    const all = (event[name] ?? []) as { url?: string }[];
    const own = all.filter(({ url }) => url?.startsWith(AE_BACKPORT));
    if (own.length > 0) event[name] = own;
    else delete event[name];
  }
}

/** Identifier system of the study's collection kits: the only name of a tube that is not the hospital's. */
const KIT = 'https://study-gateway.example/sid/kit';

function kitsOf(specimen: FhirResource): { identifier?: object[] } {
  const kits = ((specimen.identifier ?? []) as { system?: string }[]).filter(({ system }) => system === KIT);
  return kits.length > 0 ? { identifier: kits } : {};
}

function withKitOnly(container: { identifier?: { system?: string }[] }): object {
  const { identifier, ...rest } = container;
  const kits = (identifier ?? []).filter(({ system }) => system === KIT);
  return kits.length > 0 ? { ...rest, identifier: kits } : rest;
}
