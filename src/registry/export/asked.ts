import { spanOf } from '../../fhir/time.ts';
import type { Refusal } from '../answer.ts';
import { instant, type RegistryDesk } from '../desk.ts';
import { elementsFrom } from '../part.ts';
import { readQuery } from '../search/query.ts';
import { SERVED } from '../types.ts';
import { may, typeRefusal, type Viewer } from '../viewer.ts';
import type { ExportPlan } from './plan.ts';

/** What the parameters of a kick-off ask for; the rest of the plan is not theirs. */
export type Asked = Pick<ExportPlan, 'types' | 'since' | 'until' | 'filters' | 'elements' | 'ignored' | 'patients'>;

const FORMATS = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);
/** Asks for nothing that would have to be done: partial manifests may, and need not, be made. */
const WITHOUT_MEANING = new Set(['allowPartialManifests', '_format']);
/** Patients that one request may name. */
const MOST_PATIENTS = 1_000;

/**
 * Reads the parameters of a kick-off (Bulk Data Access 2.0, "Query Parameters"; `_until` of 3.0). Lists may have commas
 * or be repeated. What is not supported is refused, or passed over when `lenient`; what cannot be understood is refused.
 */
export function readAsked(
  desk: RegistryDesk,
  viewer: Viewer,
  given: URLSearchParams,
  { lenient, patients }: { lenient: boolean; patients: boolean },
): Asked | Refusal {
  const ignored: Refusal[] = [];
  /** The refusal where it stands; null where the export goes on without. */
  const refusal = (one: Refusal): Refusal | null => {
    if (!lenient) return one;
    ignored.push(one);
    return null;
  };
  const lists = {
    _type: [] as string[],
    _typeFilter: [] as string[],
    _elements: [] as string[],
    patient: [] as string[],
  };
  const times = { _since: null as string | null, _until: null as string | null };
  for (const [name, value] of given) {
    if (name === '_typeFilter') lists._typeFilter.push(...value.split(/,(?=[A-Z][A-Za-z]+\?)/));
    else if (name in lists) lists[name as keyof typeof lists].push(...value.split(',').map((one) => one.trim()));
    else if (name in times) {
      const moment = momentOf(value, desk.study.timezone);
      if (moment === null) return badValue(name);
      times[name as keyof typeof times] = moment;
    } else if (name === '_outputFormat') {
      if (!FORMATS.has(value.replace(' ', '+'))) return FORMAT;
    } else if (!WITHOUT_MEANING.has(name)) {
      const unknown = refusal(UNKNOWN);
      if (unknown) return unknown;
    }
  }
  const types: string[] = [];
  for (const type of lists._type) {
    const refused = SERVED.has(type) ? (typeRefusal(viewer, type, 's') ?? typeRefusal(viewer, type, 'r')) : TYPE;
    const why = refused && refusal(refused);
    if (why) return why;
    if (!refused && !types.includes(type)) types.push(type);
  }
  if (lists._type.length === 0) types.push(...[...SERVED.keys()].filter((type) => isExported(viewer, type)));
  if (types.length === 0) return ignored[0] ?? NOTHING;
  const filters: Record<string, string[]> = {};
  for (const text of lists._typeFilter) {
    const [type, query] = /^([A-Z][A-Za-z]+)\?(.+)$/s.exec(text)?.slice(1) ?? [];
    const known = type !== undefined && types.includes(type) && isFilter(desk, type, query!);
    const why = known ? null : refusal(FILTER);
    if (why) return why;
    if (known) filters[type] = [...(filters[type] ?? []), query!];
  }
  const elements = lists._elements.length > 0 ? lists._elements.join(',') : null;
  if (elements !== null && !elementsFrom(elements)) return badValue('_elements');
  if (lists.patient.length > 0 && !patients) return PATIENT_HERE;
  if (lists.patient.length > MOST_PATIENTS) return MANY_PATIENTS;
  const named = lists.patient.map((one) => one.slice(one.lastIndexOf('/') + 1));
  return {
    types,
    since: times._since,
    until: times._until,
    filters,
    elements,
    ignored,
    patients: named.length > 0 ? [...new Set(named)] : null,
  };
}

/** An export is found and read: it takes both. */
export const isExported = (viewer: Viewer, type: string): boolean => may(viewer, type, 's') && may(viewer, type, 'r');

function momentOf(text: string, zone: string): string | null {
  // A plus that was not encoded came as a space.
  const span = text.length >= 'YYYY-MM-DDThh:mm'.length ? spanOf(text.replace(' ', '+'), zone) : null;
  return span ? instant(span.start) : null;
}

/** A search of a type, of which only conditions are taken. */
function isFilter(desk: RegistryDesk, type: string, text: string): boolean {
  const query = readQuery(SERVED.get(type)!, new URLSearchParams(text), true, {
    zone: desk.study.timezone,
    base: desk.base,
  });
  return !('status' in query) && query.cursor === null && query.used.length === query.clauses.length;
}

function badValue(name: string): Refusal {
  const message = `The parameter ${name} has a value that cannot be understood. See Bulk Data Access, Query Parameters.`;
  return { status: 400, code: 'parameter-value', issue: 'invalid', message };
}

const unsupported = (code: string, message: string): Refusal => ({
  status: 400,
  code,
  issue: 'not-supported',
  message,
});

const FORMAT = unsupported('output-format', 'Only application/fhir+ndjson is made. Leave _outputFormat out.');
const UNKNOWN = unsupported(
  'parameter-unknown',
  'A parameter is not supported: there are _type, _since, _until, _typeFilter, _elements, _outputFormat and patient.',
);
const TYPE = unsupported(
  'type-unknown',
  'A type in _type is not exported. The CapabilityStatement names those that are.',
);
const FILTER = unsupported(
  'type-filter',
  'A _typeFilter is no search of an exported type with parameters that the CapabilityStatement names.',
);
const PATIENT_HERE = unsupported(
  'patient-parameter',
  'The parameter patient is taken by POST only, for exports of Patient and Group.',
);
const NOTHING: Refusal = {
  status: 403,
  code: 'nothing-to-export',
  issue: 'forbidden',
  message: 'Scopes and agreement together cover nothing that could be exported: both read and search are needed.',
};
const MANY_PATIENTS: Refusal = {
  status: 413,
  code: 'too-many-patients',
  issue: 'too-costly',
  message: `A request may name at most ${MOST_PATIENTS} patients. Ask in parts.`,
};
