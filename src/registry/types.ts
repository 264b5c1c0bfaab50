/** A search parameter of R4, and where its values stand: paths of elements, one for each type of a choice. */
export interface Parameter {
  name: string;
  type: 'token' | 'reference' | 'date';
  paths: readonly string[];
  /** Types it may lead to. */
  targets: readonly string[];
}

/** A resource type of the research API. */
export interface ServedType {
  type: string;
  parameters: readonly Parameter[];
  /** When it happened in the care of the patient: the date parameter that `$everything` asks by start and end. */
  care: string | null;
  /** Elements that R4 marks as part of a summary; `[x]` for choices. */
  summary: readonly string[];
  /** Mandatory and modifying elements: they stay whatever is asked for. */
  always: readonly string[];
}

const token = (name: string, ...paths: string[]): Parameter => ({ name, type: 'token', paths, targets: [] });
const date = (name: string, ...paths: string[]): Parameter => ({ name, type: 'date', paths, targets: [] });
const to = (targets: string, name: string, path: string): Parameter => {
  return { name, type: 'reference', paths: [path], targets: targets.split(' ') };
};
const words = (text: string): readonly string[] => text.split(' ').filter(Boolean);
const patient = [to('Patient', 'patient', 'subject'), to('Patient', 'subject', 'subject')];

/** Parameters of every type but Group. */
const COMMON = [token('_id', 'id'), date('_lastUpdated', 'meta.lastUpdated')];
const KEPT = words('resourceType id meta implicitRules modifierExtension');

function served(
  type: string,
  parameters: readonly Parameter[],
  care: string | null,
  summary: string,
  always: string,
): ServedType {
  return {
    type,
    parameters: [...COMMON, ...parameters],
    care,
    summary: words(summary),
    always: [...KEPT, ...words(always)],
  };
}

const ALL = [
  served(
    'Patient',
    [token('gender', 'gender')],
    null,
    'identifier active name telecom gender birthDate deceased[x] address managingOrganization link',
    'active deceased[x] link',
  ),
  served(
    'ResearchSubject',
    [
      token('identifier', 'identifier'),
      token('status', 'status'),
      date('date', 'period'),
      to('Patient', 'individual', 'individual'),
      to('Patient', 'patient', 'individual'),
    ],
    null,
    'identifier status period study individual',
    'status study individual',
  ),
  served(
    'Condition',
    [
      ...patient,
      token('code', 'code'),
      token('category', 'category'),
      token('clinical-status', 'clinicalStatus'),
      token('verification-status', 'verificationStatus'),
      date('onset-date', 'onsetDateTime', 'onsetPeriod'),
      date('recorded-date', 'recordedDate'),
    ],
    'onset-date',
    'identifier clinicalStatus verificationStatus code bodySite subject encounter onset[x] recordedDate recorder asserter',
    'subject clinicalStatus verificationStatus',
  ),
  served(
    'Observation',
    [
      ...patient,
      token('code', 'code'),
      token('category', 'category'),
      token('status', 'status'),
      token('value-concept', 'valueCodeableConcept'),
      date('date', 'effectiveDateTime', 'effectivePeriod', 'effectiveInstant'),
      to('Specimen', 'specimen', 'specimen'),
      to('Observation', 'has-member', 'hasMember'),
      to('Observation', 'derived-from', 'derivedFrom'),
      to('Procedure', 'part-of', 'partOf'),
    ],
    'date',
    'identifier basedOn partOf status code subject focus encounter effective[x] issued performer value[x] hasMember derivedFrom component',
    'status code',
  ),
  served(
    'Procedure',
    [
      ...patient,
      token('code', 'code'),
      token('status', 'status'),
      date('date', 'performedDateTime', 'performedPeriod'),
      to('Procedure', 'part-of', 'partOf'),
      to('Condition Observation Procedure DiagnosticReport', 'reason-reference', 'reasonReference'),
    ],
    'date',
    'identifier instantiatesCanonical instantiatesUri basedOn partOf status statusReason category code subject encounter performed[x] recorder asserter performer location reasonCode reasonReference bodySite outcome',
    'status subject',
  ),
  served(
    'Specimen',
    [
      ...patient,
      token('identifier', 'identifier'),
      token('type', 'type'),
      token('status', 'status'),
      token('bodysite', 'collection.bodySite'),
      date('collected', 'collection.collectedDateTime', 'collection.collectedPeriod'),
      to('Specimen', 'parent', 'parent'),
    ],
    'collected',
    'identifier accessionIdentifier status type subject receivedTime condition',
    'status',
  ),
  served(
    'AdverseEvent',
    [
      to('Patient', 'subject', 'subject'),
      token('event', 'event'),
      token('actuality', 'actuality'),
      token('category', 'category'),
      token('seriousness', 'seriousness'),
      token('severity', 'severity'),
      date('date', 'date'),
      to('Condition', 'resultingcondition', 'resultingCondition'),
      to('Procedure', 'substance', 'suspectEntity.instance'),
    ],
    'date',
    'identifier actuality category event subject encounter date detected recordedDate resultingCondition location seriousness severity outcome recorder contributor suspectEntity subjectMedicalHistory referenceDocument study',
    'actuality subject',
  ),
  served(
    'Consent',
    [
      to('Patient', 'patient', 'patient'),
      token('status', 'status'),
      token('scope', 'scope'),
      token('category', 'category'),
      date('date', 'dateTime'),
    ],
    null,
    'identifier status scope category patient dateTime performer organization source[x] policyRule verification provision',
    'status scope category',
  ),
  served(
    'DiagnosticReport',
    [
      ...patient,
      token('code', 'code'),
      token('category', 'category'),
      token('status', 'status'),
      token('conclusion', 'conclusionCode'),
      date('date', 'effectiveDateTime', 'effectivePeriod'),
      date('issued', 'issued'),
      to('Observation', 'result', 'result'),
      to('Specimen', 'specimen', 'specimen'),
    ],
    'date',
    'identifier status category code subject encounter effective[x] issued performer resultsInterpreter media',
    'status code',
  ),
  served(
    'Provenance',
    [
      to(
        'Patient Condition Observation Procedure Specimen AdverseEvent Consent DiagnosticReport ResearchSubject',
        'target',
        'target',
      ),
      date('recorded', 'recorded'),
    ],
    null,
    'target recorded',
    'target recorded agent',
  ),
];

/** Types that hold something of a person, by name. */
export const SERVED: ReadonlyMap<string, ServedType> = new Map(ALL.map((one) => [one.type, one]));

/** Groups of participants are the gateway's own: they are read and searched, and have no history. */
export const GROUP: ServedType = {
  type: 'Group',
  parameters: [token('_id', 'id')],
  care: null,
  summary: words('identifier active type actual code name quantity managingEntity'),
  always: [...KEPT, 'type', 'actual'],
};

export function servedType(type: string): ServedType | null {
  return type === GROUP.type ? GROUP : (SERVED.get(type) ?? null);
}

/** `Source:parameter` of every reference that may lead to a type. */
export function reverseIncludesOf(target: string): string[] {
  return ALL.flatMap(({ type, parameters }) =>
    parameters.filter(({ targets }) => targets.includes(target)).map(({ name }) => `${type}:${name}`),
  );
}

/** `Type:parameter` of every reference of a type. */
export function includesOf({ type, parameters }: ServedType): string[] {
  return parameters.filter(({ targets }) => targets.length > 0).map(({ name }) => `${type}:${name}`);
}
