import { ageOf } from '../age.ts';
import type { Person } from '../cohort.ts';
import { extensionCodes } from '../elements.ts';
import type { TableDefinitions } from '../load.ts';
import type { DatasetRecord } from './dataset.ts';
import { consentsGiven, identified, isEnrolled, isScreenFailure } from './person.ts';

const GENDERS = 'http://hl7.org/fhir/administrative-gender';

/** The demographics of one person. */
export function demographics(person: Person, { terms, settings }: TableDefinitions): DatasetRecord[] {
  const { subject, patient } = person;
  if (!subject) return [];
  const enrolled = isEnrolled(person);
  const age = ageOf(patient);
  const exact = age && age.low === age.high ? age.low : null;
  const arm = enrolled ? (subject.assignedArm ?? null) : null;
  const actual = enrolled ? (subject.actualArm ?? arm) : null;
  const died = isDead(person);
  return [
    {
      ...identified(person, settings, 'DM'),
      SUBJID: person.number ?? subject.id ?? person.id,
      RFSTDTC: enrolled ? (subject.period?.start ?? null) : null,
      RFENDTC: enrolled ? (subject.period?.end ?? null) : null,
      RFICDTC: consentsGiven(person, settings)[0]?.dateTime ?? null,
      RFPENDTC: subject.period?.end ?? null,
      DTHFL: died ? 'Y' : null,
      SITEID: person.site,
      AGE: exact,
      AGEU: exact === null ? null : 'YEARS',
      SEX: terms.targets('table-sex-cdisc', GENDERS, patient?.gender ?? 'unknown')?.[0] ?? 'U',
      ARMCD: arm?.toUpperCase() ?? null,
      ARM: arm,
      ACTARMCD: actual?.toUpperCase() ?? null,
      ACTARM: actual,
      ARMNRS: arm ? null : isScreenFailure(person) ? 'SCREEN FAILURE' : 'NOT ASSIGNED',
      COUNTRY: settings.country,
    },
  ];
}

/** Whether anything handed over tells of the death. */
export function isDead(person: Person): boolean {
  const fatal = person
    .of('AdverseEvent')
    .some(({ outcome }) => outcome?.coding?.some(({ code }) => code === 'fatal') === true);
  return fatal || extensionCodes(person.subject, 'status-reason').includes('deceased');
}

/** Stratum, what it rests on, and every group that the person qualifies for, in the order of precedence. */
export function demographicQualifiers(person: Person, { settings }: TableDefinitions): DatasetRecord[] {
  const { subject } = person;
  if (!subject) return [];
  const { STUDYID, USUBJID } = identified(person, settings, 'DM');
  const qualifier = (QNAM: string, QLABEL: string, QVAL: string) => ({
    STUDYID,
    RDOMAIN: 'DM',
    USUBJID,
    QNAM,
    QLABEL,
    QVAL,
    QORIG: 'Derived',
  });
  return [
    ...extensionCodes(subject, 'qualifying-group').map((group, index) =>
      qualifier(`GROUP${index + 1}`, `Qualifying Group ${index + 1}`, group),
    ),
    ...extensionCodes(subject, 'stratum').map((code) => qualifier('STRATUM', 'Stratum', code)),
    ...extensionCodes(subject, 'stratum-basis').map((code) => qualifier('STRBASIS', 'Basis of the Stratum', code)),
  ];
}
