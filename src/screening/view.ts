import type { FhirResource, r4 } from '../fhir/resource.ts';

/** One person's kept resources, in no particular order; references among them are `Type/id`. */
export interface PersonRecord {
  site: string;
  /** Patient id of the surviving record. */
  patient: string;
  /** Every reference text that means this person (`Patient/id` of all merged records, aliases). */
  selves: ReadonlySet<string>;
  resources: readonly FhirResource[];
  /** The links between merged patients run in a circle. */
  mergeCycle: boolean;
}

/** The record sorted into the variables of the language, each cleaned by its own rule (study protocol reading, "Verdicts"). */
export interface RecordView {
  patient: r4.Patient | null;
  conditions: FhirResource[];
  provisional: FhirResource[];
  retracted: FhirResource[];
  observations: FhirResource[];
  pending: FhirResource[];
  reports: FhirResource[];
  requests: FhirResource[];
  procedures: FhirResource[];
  notDone: FhirResource[];
  consents: FhirResource[];
  draftConsents: FhirResource[];
  medications: FhirResource[];
  /** Hospital stays that carry a list of diagnoses. */
  encounters: FhirResource[];
  decisions: FhirResource[];
  /** Orders of tests: tell that something missing is under way. */
  orders: FhirResource[];
  relatedPersons: ReadonlyMap<string, FhirResource>;
  /** `ServiceRequest/id` → starts of its appointments that stand. */
  appointments: ReadonlyMap<string, string[]>;
}

const PROVISIONAL = new Set(['provisional', 'differential', 'unconfirmed']);
const RETRACTED = new Set(['refuted', 'entered-in-error']);
const FINAL = new Set(['final', 'amended', 'corrected']);
const PENDING = new Set(['registered', 'preliminary']);
const PERFORMED = new Set(['in-progress', 'completed', 'stopped']);
const BOOKED = new Set(['preparation', 'on-hold']);
const DECIDING = new Set(['active', 'rejected', 'inactive']);
const VOID_APPOINTMENT = new Set(['cancelled', 'noshow', 'entered-in-error', 'proposed']);

/** Sorts a record. `held` tells of something dated in the future: it counts from its day on, not before. */
export function viewOf(record: PersonRecord, held: (resource: FhirResource) => boolean): RecordView {
  const appointments = new Map<string, string[]>();
  const relatedPersons = new Map<string, FhirResource>();
  const view: RecordView = {
    patient: null,
    conditions: [],
    provisional: [],
    retracted: [],
    observations: [],
    pending: [],
    reports: [],
    requests: [],
    procedures: [],
    notDone: [],
    consents: [],
    draftConsents: [],
    medications: [],
    encounters: [],
    decisions: [],
    orders: [],
    relatedPersons,
    appointments,
  };
  for (const resource of record.resources) {
    const status = String(resource.status ?? '');
    switch (resource.resourceType) {
      case 'Patient':
        if (resource.id === record.patient) view.patient = resource as unknown as r4.Patient;
        break;
      case 'Condition': {
        const code = (resource as unknown as r4.Condition).verificationStatus?.coding?.[0]?.code ?? '';
        if (RETRACTED.has(code)) view.retracted.push(resource);
        else if (PROVISIONAL.has(code)) view.provisional.push(resource);
        else if (!held(resource)) view.conditions.push(resource);
        break;
      }
      case 'Observation':
        if (status === 'entered-in-error') view.retracted.push(resource);
        else if (PENDING.has(status)) view.pending.push(resource);
        else if (FINAL.has(status) && !held(resource)) view.observations.push(resource);
        break;
      case 'DiagnosticReport':
        if (status === 'entered-in-error') view.retracted.push(resource);
        else if (FINAL.has(status) && !held(resource)) view.reports.push(resource);
        break;
      case 'ServiceRequest':
        if (status !== 'entered-in-error' && resource.doNotPerform !== true) {
          view.requests.push(resource);
          view.orders.push(resource);
        }
        break;
      case 'Procedure':
        if (BOOKED.has(status)) view.requests.push(resource);
        else if (PERFORMED.has(status)) {
          if (held(resource)) view.requests.push(resource);
          else view.procedures.push(resource);
        } else if (status === 'not-done') view.notDone.push(resource);
        break;
      case 'Consent':
        if (status === 'entered-in-error') break;
        if (DECIDING.has(status) && !held(resource)) view.consents.push(resource);
        else view.draftConsents.push(resource);
        break;
      case 'MedicationRequest':
      case 'MedicationStatement':
      case 'MedicationAdministration':
        if (!['entered-in-error', 'cancelled', 'draft', 'not-taken', 'not-done'].includes(status) && !held(resource)) {
          view.medications.push(resource);
        }
        break;
      case 'Encounter':
        if (!['cancelled', 'entered-in-error', 'planned'].includes(status) && !held(resource))
          view.encounters.push(resource);
        break;
      case 'Task':
        view.decisions.push(resource);
        break;
      case 'RelatedPerson':
        relatedPersons.set(`RelatedPerson/${resource.id}`, resource);
        break;
      case 'Appointment':
        addAppointment(resource as unknown as r4.Appointment, appointments);
        break;
    }
  }
  return view;
}

function addAppointment(appointment: r4.Appointment, into: Map<string, string[]>): void {
  if (VOID_APPOINTMENT.has(appointment.status) || !appointment.start) return;
  for (const basis of appointment.basedOn ?? []) {
    if (!basis.reference) continue;
    const starts = into.get(basis.reference) ?? [];
    starts.push(appointment.start);
    into.set(basis.reference, starts);
  }
}
