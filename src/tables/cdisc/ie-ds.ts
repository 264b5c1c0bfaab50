import type { Person } from '../cohort.ts';
import { extensionCodes } from '../elements.ts';
import type { VerdictFact } from '../input.ts';
import type { TableDefinitions } from '../load.ts';
import { STATUS_REASON } from '../terms.ts';
import type { DatasetRecord } from './dataset.ts';
import { consentsGiven, identified, isEnrolled, isScreenFailure } from './person.ts';

/**
 * The criteria a person fails: an inclusion criterion not met, an exclusion criterion met. Of a sensitive one it is not
 * said which it is, as in ResearchSubject's reason `exclusion-criterion`.
 */
export function failedCriteria(
  person: Person,
  verdicts: readonly VerdictFact[],
  { settings }: TableDefinitions,
): DatasetRecord[] {
  const failed = verdicts.filter(({ exclude, verdict }) => verdict === (exclude ? 'met' : 'not-met'));
  return failed.map(({ criterion, exclude, sensitive, text }) => ({
    ...identified(person, settings, 'IE'),
    IETESTCD: sensitive ? (exclude ? 'EXCL' : 'INCL') : criterion,
    IETEST: sensitive ? `${exclude ? 'Exclusion' : 'Inclusion'} criterion, not told` : text,
    IECAT: exclude ? 'EXCLUSION' : 'INCLUSION',
    IEORRES: exclude ? 'Y' : 'N',
    IESTRESC: exclude ? 'Y' : 'N',
  }));
}

/** Consents, entry into the study, and its end or the failure of screening. */
export function disposition(person: Person, { settings, terms }: TableDefinitions): DatasetRecord[] {
  const { subject } = person;
  const of = (DSCAT: string, DSTERM: string, DSDECOD: string, more: DatasetRecord = {}): DatasetRecord => ({
    ...identified(person, settings, 'DS'),
    DSCAT,
    DSTERM,
    DSDECOD,
    ...more,
  });
  const consents = consentsGiven(person, settings).map(({ dateTime, policy }) =>
    of('PROTOCOL MILESTONE', 'INFORMED CONSENT OBTAINED', 'INFORMED CONSENT OBTAINED', {
      DSSTDTC: dateTime ?? null,
      DSREFID: policy?.[0]?.uri?.split('/').at(-1) ?? null,
    }),
  );
  if (!subject) return consents;
  const reason = extensionCodes(subject, 'status-reason')[0] ?? null;
  const decoded = reason === null ? null : terms.targets('table-disposition', STATUS_REASON, reason);
  const entry = isEnrolled(person)
    ? [of('PROTOCOL MILESTONE', 'ENROLLED', 'ENTERED INTO TRIAL', { DSSTDTC: subject.period?.start ?? null })]
    : [];
  const end =
    subject.status === 'off-study'
      ? [
          of('DISPOSITION EVENT', (reason ?? 'off-study').toUpperCase(), decoded?.[0] ?? 'OTHER', {
            DSSTDTC: subject.period?.end ?? null,
          }),
        ]
      : [];
  const failure = isScreenFailure(person)
    ? [of('DISPOSITION EVENT', (reason ?? subject.status).toUpperCase(), 'SCREEN FAILURE')]
    : [];
  return [...consents, ...entry, ...end, ...failure];
}
