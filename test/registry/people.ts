import type { FhirResource } from '../../src/fhir/resource.ts';
import { keyedHash } from '../../src/identity/keyed-hash.ts';
import type { Store, Transaction } from '../../src/store/store.ts';

const KEY = Buffer.alloc(32, 'ours');

/** Our id of something of a person, by its name in the test. */
export const ownId = (name: string): string => keyedHash(KEY, 'test', name);

export interface Person {
  number: number;
  site: string;
  arm: string;
  day: string;
}

export const person = (number: number, given: Partial<Person> = {}): Person => ({
  number,
  site: number % 2 === 0 ? 'nf' : 'ya',
  arm: number % 2 === 0 ? 'Fibrosis' : 'Normal',
  day: `2025-05-${String(10 + number).padStart(2, '0')}`,
  ...given,
});

const coded = (system: string, code: string) => ({ coding: [{ system, code }] });

/** What stands on the study side of a consenting person, the ResearchSubject first. */
export function recordOf({ number, site, arm, day }: Person): FhirResource[] {
  const id = (name: string) => ownId(`${name}-${number}`);
  const subject = { reference: `Patient/${id('patient')}` };
  const resources: FhirResource[] = [
    {
      resourceType: 'ResearchSubject',
      id: id('subject'),
      identifier: [{ system: 'https://study-gateway.example/sid/participant-number', value: `${arm}-${number}` }],
      status: 'on-study',
      period: { start: day },
      study: { reference: 'ResearchStudy/nct07265544' },
      individual: subject,
      assignedArm: arm,
    },
    { resourceType: 'Patient', id: id('patient'), gender: number % 2 === 0 ? 'female' : 'male' },
    {
      resourceType: 'Consent',
      id: id('consent'),
      status: 'active',
      scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'research'),
      category: [coded('http://terminology.hl7.org/CodeSystem/consentcategorycodes', 'research')],
      patient: subject,
      dateTime: `${day}T10:00:00+08:00`,
    },
    {
      resourceType: 'Condition',
      id: id('condition'),
      clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
      verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
      category: [coded('http://terminology.hl7.org/CodeSystem/condition-category', 'encounter-diagnosis')],
      code: coded('http://snomed.info/sct', number % 2 === 0 ? '197321007' : '93469006'),
      subject,
      onsetDateTime: day.slice(0, 7),
      recordedDate: day,
    },
    {
      resourceType: 'Procedure',
      id: id('procedure'),
      status: 'completed',
      code: coded('http://snomed.info/sct', '86259008'),
      subject,
      performedDateTime: day,
      reasonReference: [{ reference: `Condition/${id('condition')}` }],
      partOf: [{ reference: `Procedure/${id('procedure')}` }],
    },
    {
      resourceType: 'Specimen',
      id: id('specimen'),
      identifier: [{ system: 'https://study-gateway.example/sid/kit', value: `KIT-${number}` }],
      status: 'available',
      type: coded('http://terminology.hl7.org/CodeSystem/v2-0487', 'BLDV'),
      subject,
      parent: [{ reference: `Specimen/${id('specimen')}` }],
      collection: {
        collectedDateTime: `${day}T08:00:00+08:00`,
        bodySite: coded('http://snomed.info/sct', '53120007'),
      },
    },
    {
      resourceType: 'Observation',
      id: id('observation'),
      partOf: [{ reference: `Procedure/${id('procedure')}` }],
      status: 'final',
      category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory')],
      code: coded('http://loinc.org', '1742-6'),
      subject,
      effectiveDateTime: day,
      valueCodeableConcept: coded('http://snomed.info/sct', '10828004'),
      specimen: { reference: `Specimen/${id('specimen')}` },
      hasMember: [{ reference: `Observation/${id('observation')}` }],
      derivedFrom: [{ reference: `Observation/${id('observation')}` }],
    },
    {
      resourceType: 'DiagnosticReport',
      id: id('report'),
      status: 'final',
      category: [coded('http://terminology.hl7.org/CodeSystem/v2-0074', 'PAT')],
      code: coded('http://loinc.org', '66117-3'),
      subject,
      effectiveDateTime: day,
      issued: `${day}T16:00:00+08:00`,
      specimen: [{ reference: `Specimen/${id('specimen')}` }],
      result: [{ reference: `Observation/${id('observation')}` }],
      conclusionCode: [coded('http://snomed.info/sct', '62484002')],
    },
    {
      resourceType: 'AdverseEvent',
      id: id('event'),
      modifierExtension: [
        { url: 'https://study-gateway.example/StructureDefinition/ae-status', valueCode: 'completed' },
      ],
      actuality: 'actual',
      category: [coded('http://terminology.hl7.org/CodeSystem/adverse-event-category', 'medical-device-use-error')],
      event: coded('http://hl7.org/fhir/sid/icd-10-cn', 'T81.000'),
      subject,
      date: day,
      resultingCondition: [{ reference: `Condition/${id('condition')}` }],
      seriousness: coded('http://terminology.hl7.org/CodeSystem/adverse-event-seriousness', 'serious'),
      severity: coded('http://terminology.hl7.org/CodeSystem/adverse-event-severity', 'mild'),
      suspectEntity: [{ instance: { reference: `Procedure/${id('procedure')}` } }],
    },
  ];
  return [
    ...resources,
    ...resources.slice(1).map((target) => ({
      resourceType: 'Provenance',
      id: ownId(`provenance-${target.id}`),
      target: [{ reference: `${target.resourceType}/${target.id}` }],
      recorded: `${day}T00:00:00.000Z`,
      agent: [{ who: { identifier: { system: 'https://study-gateway.example/sid/gateway', value: site } } }],
    })),
  ];
}

/** Writes a version of a resource of a person, one above the newest. */
export async function put(
  { study }: Transaction,
  resource: FhirResource,
  subject: string,
  at: string,
  deleted = false,
): Promise<void> {
  const { resourceType: type, id } = resource as { resourceType: string; id: string };
  if (type === 'ResearchSubject') {
    const version = ((await study.subject(id))?.version ?? 0) + 1;
    const meta = { versionId: String(version), lastUpdated: at };
    const body = JSON.stringify({ ...resource, meta });
    await study.putSubject({ id, version, lastUpdated: at, deleted, body });
    return;
  }
  const version = ((await study.research(type, id))?.version ?? 0) + 1;
  await study.putResearch({ type, id, subject, version, lastUpdated: at, deleted, body: JSON.stringify(resource) });
}

/** Writes the records of people, a transaction each. */
export async function enrol(store: Store, people: readonly Person[], clock: () => number): Promise<void> {
  for (const one of people)
    await store.withTransaction(async (tx) => {
      const at = new Date(clock()).toISOString();
      for (const resource of recordOf(one)) await put(tx, resource, ownId(`subject-${one.number}`), at);
    });
}

/** Takes everything of a person off the study side, as a withdrawal does; the ResearchSubject stays. */
export async function withdraw(store: Store, number: number, clock: () => number): Promise<void> {
  await store.withTransaction(async (tx) => {
    const at = new Date(clock()).toISOString();
    for (const row of await tx.study.researchOf(ownId(`subject-${number}`)))
      await tx.study.putResearch({ ...row, version: row.version + 1, lastUpdated: at, deleted: true });
  });
}
