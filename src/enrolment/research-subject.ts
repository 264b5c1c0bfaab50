import type { r4 } from '../fhir/resource.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { SubjectStatus } from './status.ts';

/** Canonical base of the extensions of StudyResearchSubject. */
const EXTENSIONS = 'https://study-gateway.example/StructureDefinition/';

/**
 * The R4 ResearchSubject of somebody, without `meta`. It carries no hospital identifier: `individual` is a pseudonymous
 * Patient id; evidence stays at the hospital. `assignedArm` equals the name of the arm (R4, ResearchSubject.assignedArm).
 */
export function researchSubject(
  ids: { subject: string; patient: string },
  study: { id: string; version: string },
  status: { status: SubjectStatus; reason: string | null },
  assessment: Pick<Assessment, 'group' | 'groups' | 'stratum' | 'basis' | 'flags'>,
): Omit<r4.ResearchSubject, 'meta'> {
  const { group, groups, stratum, basis, flags } = assessment;
  const extension: r4.Extension[] = [
    ...(status.reason ? [{ url: `${EXTENSIONS}status-reason`, valueCode: status.reason }] : []),
    ...groups.map((name) => ({ url: `${EXTENSIONS}qualifying-group`, valueString: name })),
    ...(stratum ? [{ url: `${EXTENSIONS}stratum`, valueCode: stratum }] : []),
    ...(stratum && basis ? [{ url: `${EXTENSIONS}stratum-basis`, valueCode: basis }] : []),
    ...flags.map(({ flag }) => ({ url: `${EXTENSIONS}flag`, valueCode: flag })),
    { url: `${EXTENSIONS}study-version`, valueString: study.version },
  ];
  return {
    resourceType: 'ResearchSubject',
    id: ids.subject,
    extension,
    status: status.status,
    study: { reference: `ResearchStudy/${study.id}` },
    individual: { reference: `Patient/${ids.patient}` },
    ...(group ? { assignedArm: group } : {}),
  };
}
