import type { r4 } from '../fhir/resource.ts';
import type { Assessment } from '../screening/assessment.ts';
import { EXTENSION_BASE } from '../study/extension.ts';
import type { SubjectStatus } from './status.ts';

/** Identifier system of participant numbers. */
export const PARTICIPANT_NUMBER = 'https://study-gateway.example/sid/participant-number';

/**
 * The R4 ResearchSubject of somebody, without `meta`. It carries no hospital identifier: `individual` is a pseudonymous
 * Patient id; evidence stays at the hospital. `assignedArm` equals the name of the arm (R4, ResearchSubject.assignedArm).
 */
export function researchSubject(
  ids: { subject: string; patient: string },
  study: { id: string; version: string },
  status: { status: SubjectStatus; reason: string | null },
  assessment: Pick<Assessment, 'group' | 'groups' | 'stratum' | 'basis' | 'flags'>,
  participation: Participation | null = null,
  deviations: readonly string[] = [],
): Omit<r4.ResearchSubject, 'meta'> {
  const { group, groups, stratum, basis, flags } = assessment;
  const extension: r4.Extension[] = [
    ...(status.reason ? [{ url: `${EXTENSION_BASE}status-reason`, valueCode: status.reason }] : []),
    ...groups.map((name) => ({ url: `${EXTENSION_BASE}qualifying-group`, valueString: name })),
    ...(stratum ? [{ url: `${EXTENSION_BASE}stratum`, valueCode: stratum }] : []),
    ...(stratum && basis ? [{ url: `${EXTENSION_BASE}stratum-basis`, valueCode: basis }] : []),
    ...deviations.map((code) => ({ url: `${EXTENSION_BASE}deviation`, valueCode: code })),
    ...flags.map(({ flag }) => ({ url: `${EXTENSION_BASE}flag`, valueCode: flag })),
    { url: `${EXTENSION_BASE}study-version`, valueString: study.version },
  ];
  return {
    resourceType: 'ResearchSubject',
    id: ids.subject,
    extension,
    ...(participation ? { identifier: [{ system: PARTICIPANT_NUMBER, value: participantNumber(participation) }] } : {}),
    status: status.status,
    ...(participation
      ? { period: { start: participation.start, ...(participation.end ? { end: participation.end } : {}) } }
      : {}),
    study: { reference: `ResearchStudy/${study.id}` },
    individual: { reference: `Patient/${ids.patient}` },
    ...arms(group, participation),
  };
}

/** The number given at enrolment, and the days of participation (`YYYY-MM-DD`). */
export interface Participation {
  /** The arm assigned at enrolment: it stays, with the number, when the group is later revised. */
  group: string;
  number: number;
  start: string;
  end: string | null;
}

/** `Fibrosis-1`: unique over all sites, never reused. */
export function participantNumber({ group, number }: Pick<Participation, 'group' | 'number'>): string {
  return `${group}-${number}`;
}

function arms(group: string | null, participation: Participation | null): Partial<r4.ResearchSubject> {
  if (!participation) return group ? { assignedArm: group } : {};
  return { assignedArm: participation.group, ...(group ? { actualArm: group } : {}) };
}
