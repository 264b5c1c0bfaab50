import { AE_BACKPORT } from '../fhir/ae-backport.ts';
import { KIT } from '../fhir/kit.ts';
import { PLANNED_END, plannedEndOf } from '../fhir/planned-end.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { INITIALS, initialsOf } from '../identity/initials.ts';

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
  Patient: ['active', 'gender', 'birthDate', 'deceasedBoolean', 'deceasedDateTime', 'link', 'identifier'],
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
  if (resource.resourceType === 'Patient') Object.assign(kept, initialsIn(resource as unknown as r4.Patient));
  if (Array.isArray(kept.container)) kept.container = kept.container.map(withKitOnly);
  if (resource.resourceType === 'AdverseEvent') keepBackport(kept);
  const planned = resource.resourceType === 'Encounter' ? plannedEndOf(resource as unknown as r4.Encounter) : null;
  if (planned) kept.extension = [{ url: PLANNED_END, valueDateTime: planned }];
  const drug = containedDrug(resource);
  if (drug) kept.medicationCodeableConcept = drug;
  if (Array.isArray(kept.contained)) {
    const related = (kept.contained as FhirResource[]).filter((one) => one.resourceType === 'RelatedPerson');
    kept.contained = related.map((one) => Object.fromEntries(CONTAINED.map((name) => [name, one[name]])));
  }
  return kept;
}

/** Of a name the initials, which the protocol asks for ("Demographic Data Recording"); the name itself is not kept. */
function initialsIn({ name = [] }: r4.Patient): Pick<r4.Patient, 'extension'> {
  const initials = initialsOf(name);
  return initials === null ? {} : { extension: [{ url: INITIALS, valueString: initials }] };
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

function kitsOf(specimen: FhirResource): { identifier?: object[] } {
  const kits = ((specimen.identifier ?? []) as { system?: string }[]).filter(({ system }) => system === KIT);
  return kits.length > 0 ? { identifier: kits } : {};
}

function withKitOnly(container: { identifier?: { system?: string }[] }): object {
  const { identifier, ...rest } = container;
  const kits = (identifier ?? []).filter(({ system }) => system === KIT);
  return kits.length > 0 ? { ...rest, identifier: kits } : rest;
}
