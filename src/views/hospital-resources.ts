import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { NoticeRow, ShownFlagRow, ShownSubjectRow } from '../store/feed-rows.ts';
import type { SubscriberRow } from '../store/subscriber-rows.ts';
import { EXTENSION_BASE } from '../study/extension.ts';
import type { Study } from '../study/model.ts';

/** Extension that leads from a ResearchSubject to the hospital's own Patient; at the hospital only. */
export const HOSPITAL_PATIENT = `${EXTENSION_BASE}hospital-patient`;
/** CodeSystem of flags. */
export const FLAG_CODES = 'https://study-gateway.example/cs/flag';
/** Id of a site's screening log. */
export const SCREENING_LOG = 'screening-log';

const SUBJECT_STATUS = 'http://hl7.org/fhir/research-subject-status';

/**
 * A ResearchSubject as its hospital sees it: that of the study side, and whose it is.
 * @param body JSON of the study side's
 * @param patient Patient id of the hospital; null when the subject is nobody's any more
 */
export function subjectAtHospital(body: string, patient: string | null): FhirResource {
  const { resourceType, id, meta, extension, ...content } = JSON.parse(body) as r4.ResearchSubject;
  const link = { url: HOSPITAL_PATIENT, valueReference: { reference: `Patient/${patient}` } };
  const extensions = [...(extension ?? []), ...(patient === null ? [] : [link])];
  return { resourceType, id: id!, meta: meta!, extension: extensions, ...content };
}

/** R4 Flag of a flag that stands. */
export function flagResource(
  { id, flag, version, lastUpdated }: ShownFlagRow,
  patient: string,
  study: Pick<Study, 'flags'>,
): FhirResource {
  const words = study.flags.find((rule) => rule.flag === flag)?.words;
  return {
    resourceType: 'Flag',
    id,
    meta: { versionId: String(version), lastUpdated },
    status: 'active',
    code: { coding: [{ system: FLAG_CODES, code: flag }], ...(words?.en ? { text: words.en } : {}) },
    subject: { reference: `Patient/${patient}` },
  };
}

/**
 * The screening log (ICH E6) of a site as R4 List: every subject with its status, and the reason as lists may show it.
 * @param last the newest notice about subjects; null where nothing has changed since notices are kept
 */
export function screeningLog(rows: readonly ShownSubjectRow[], last: NoticeRow | null): FhirResource {
  const newest = rows.reduce((date, { lastUpdated }) => (lastUpdated > date ? lastUpdated : date), last?.at ?? '');
  return {
    resourceType: 'List',
    id: SCREENING_LOG,
    meta: { versionId: String(last?.number ?? 0), ...(newest ? { lastUpdated: newest } : {}) },
    status: 'current',
    mode: 'working',
    title: 'Screening log',
    ...(newest ? { date: newest } : {}),
    ...(rows.length > 0
      ? { entry: rows.map(logEntry) }
      : {
          emptyReason: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: 'nilknown' }],
          },
        }),
  };
}

function logEntry({ subject, status, reason }: ShownSubjectRow): r4.ListEntry {
  return {
    ...(reason ? { extension: [{ url: `${EXTENSION_BASE}status-reason`, valueCode: reason }] } : {}),
    flag: { coding: [{ system: SUBJECT_STATUS, code: status }] },
    item: { reference: `ResearchSubject/${subject}` },
  };
}

/** R4 Subscription; the key of its signatures is not in it. */
export function subscriptionResource(row: SubscriberRow): FhirResource {
  const { id, version, lastUpdated, status, reason, error, type, statuses, endpoint, payload } = row;
  return {
    resourceType: 'Subscription',
    id,
    meta: { versionId: String(version), lastUpdated },
    status,
    reason,
    criteria: `${type}?${statuses === null ? '' : `status=${statuses.join(',')}`}`,
    ...(error === null ? {} : { error }),
    channel: { type: 'rest-hook', endpoint, ...(payload ? { payload: 'application/fhir+json' } : {}) },
  };
}
