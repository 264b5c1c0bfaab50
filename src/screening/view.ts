import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { Decision } from '../study/decision.ts';
import { certaintyOf } from './condition-status.ts';

/** One person's kept resources, in no particular order; references among them are `Type/id`. */
export interface PersonRecord {
  site: string;
  /** Patient id of the surviving record. */
  patient: string;
  /** Every reference text that means this person (`Patient/id` of all merged records, aliases). */
  selves: ReadonlySet<string>;
  resources: readonly FhirResource[];
  /** What people decided about this person, in any order. */
  decisions?: readonly Decision[];
  /** `RelatedPerson/id` of other patients at this hospital that this record's consents name. */
  relatedToOthers?: ReadonlySet<string>;
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
  /** Requests not to perform, procedures of unknown status: they only tell that a procedure was thought of. */
  otherRequests: FhirResource[];
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
    otherRequests: [],
    consents: [],
    draftConsents: [],
    medications: [],
    encounters: [],
    decisions: [],
    orders: [],
    relatedPersons,
    appointments,
  };
  const patients: r4.Patient[] = [];
  for (const resource of record.resources) {
    const status = String(resource.status ?? '');
    switch (resource.resourceType) {
      case 'Patient':
        patients.push(resource as unknown as r4.Patient);
        break;
      case 'Condition': {
        const certainty = certaintyOf(resource);
        if (certainty === 'retracted') view.retracted.push(resource);
        else if (certainty === 'provisional') view.provisional.push(resource);
        else if (!held(resource)) view.conditions.push(resource);
        break;
      }
      case 'Observation':
        if (status === 'entered-in-error') view.retracted.push(resource);
        else if (PENDING.has(status)) view.pending.push(resource);
        else if (FINAL.has(status) && hasResult(resource) && !held(resource)) view.observations.push(resource);
        break;
      case 'DiagnosticReport':
        if (status === 'entered-in-error') view.retracted.push(resource);
        else if (FINAL.has(status) && !held(resource)) view.reports.push(resource);
        break;
      case 'ServiceRequest':
        if (status === 'entered-in-error') break;
        if (resource.doNotPerform === true) view.otherRequests.push(resource);
        else {
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
        else if (status !== 'entered-in-error') view.otherRequests.push(resource);
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
      case 'RelatedPerson':
        relatedPersons.set(`RelatedPerson/${resource.id}`, resource);
        break;
      case 'Appointment':
        addAppointment(resource as unknown as r4.Appointment, appointments);
        break;
    }
  }
  view.patient = patientOf(patients, record.patient);
  return view;
}

/** Of merged records the surviving one speaks; what it leaves out the others tell, the smallest id first. */
function patientOf(patients: readonly r4.Patient[], survivor: string): r4.Patient | null {
  const rank = ({ id }: r4.Patient) => (id === survivor ? '' : (id ?? ''));
  const [first, ...others] = [...patients].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  if (!first) return null;
  const told: r4.Patient = { ...first };
  for (const other of others) {
    if (!told.birthDate && other.birthDate) told.birthDate = other.birthDate;
    if (!told.gender && other.gender) told.gender = other.gender;
    if (told.deceasedBoolean === undefined && !told.deceasedDateTime) {
      if (other.deceasedDateTime) told.deceasedDateTime = other.deceasedDateTime;
      else if (other.deceasedBoolean) told.deceasedBoolean = true;
    }
  }
  return told;
}

/** A final Observation that carries no result (a clotted sample, say) tells nothing and replaces nothing. */
function hasResult(resource: FhirResource): boolean {
  const { component, interpretation } = resource as unknown as r4.Observation;
  const carries = (part: object) => Object.keys(part).some((name) => name.startsWith('value'));
  return carries(resource) || (component ?? []).some(carries) || (interpretation ?? []).length > 0;
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
