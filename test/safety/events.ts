import { join } from 'node:path';
import type { r4 } from '../../src/fhir/resource.ts';
import { type Span, spanOf } from '../../src/fhir/time.ts';
import type { AroundEvent, SafetyContext, Stay } from '../../src/safety/about.ts';
import { loadStudy } from '../../src/study/load.ts';
import { loadSafety } from '../../src/study/safety.ts';
import { loadSites } from '../../src/study/site.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
export const STUDY = join(REPOSITORY, 'studies/nct07265544');
export const ZONE = 'Asia/Shanghai';
export const GUIDE = 'http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/';
export const THESAURUS = 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl';
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** The study of this repository at one of its sites: 24 hours, 15 days. */
export async function contextOf(): Promise<SafetyContext> {
  const study = await loadStudy(STUDY);
  const sites = await loadSites(join(REPOSITORY, 'sites'));
  if (!study.ok || !sites.ok) throw new Error('the study does not load');
  const rules = await loadSafety(STUDY, study.value);
  if (!rules.ok || !rules.value) throw new Error(JSON.stringify(rules));
  const { timezone, terminology } = sites.value.get('nf')!;
  return {
    rules: rules.value,
    site: { timezone, terminology, adverseEvents: { initialReportHours: 24, followUpDays: 15 } },
  };
}

export function at(text: string): Span {
  return spanOf(text, ZONE)!;
}

export const instant = (text: string) => at(text).start;

export function stay(start: string, plannedEnd: string | null, end: string | null): Stay {
  return { start: at(start), plannedEnd: plannedEnd ? at(plannedEnd) : null, end: end ? at(end) : null };
}

/** A biopsy on 2025-06-02 at 09:00, consent on 2025-05-30, blood on 2025-06-01; nobody has read the event yet. */
export function around(more: Partial<AroundEvent> = {}): AroundEvent {
  return {
    procedures: [{ reference: 'Procedure/biopsy', start: at('2025-06-02T09:00:00+08:00') }],
    stays: [],
    consentAt: at('2025-05-30T12:00:00+08:00'),
    lastCollectionAt: at('2025-06-01T08:00:00+08:00'),
    offStudyAt: null,
    awareAt: null,
    receivedAt: instant('2025-06-04T08:00:00+08:00'),
    reported: { initial: null, followUp: null },
    ...more,
  };
}

/** Bleeding on the evening of the biopsy; nothing is said of its seriousness. */
export function bleeding(more: Partial<r4.AdverseEvent> = {}): r4.AdverseEvent {
  return {
    resourceType: 'AdverseEvent',
    id: 'ae1',
    actuality: 'actual',
    event: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cn', code: 'T81.000' }] },
    subject: { reference: 'Patient/1' },
    date: '2025-06-02T20:00:00+08:00',
    ...more,
  };
}

/** The guide's extension. */
export function criterion(
  code: string,
  present: boolean | null = true,
  system: string | null = THESAURUS,
): r4.Extension {
  const concept = { coding: [system === null ? { code } : { system, code }] };
  return {
    url: `${GUIDE}seriousness-criteria`,
    extension: [
      { url: 'criterionCode', valueCodeableConcept: concept },
      ...(present === null ? [] : [{ url: 'criterionPresent', valueBoolean: present }]),
    ],
  };
}

export const called = (...codes: string[]): Pick<r4.AdverseEvent, 'seriousness'> => ({
  seriousness: {
    coding: codes.map((code) => ({ system: 'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness', code })),
  },
});

export const ended = (code: string): Pick<r4.AdverseEvent, 'outcome'> => ({
  outcome: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adverse-event-outcome', code }] },
});
