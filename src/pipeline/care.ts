import type { AcceptedDeviation, Collecting, CollectionContext } from '../collection/about.ts';
import { type Draw, drawsDue } from '../collection/draws.ts';
import { assessSpecimens } from '../collection/lineage.ts';
import { ofStudy } from '../collection/of-study.ts';
import type { SpecimenAssessment } from '../collection/specimen.ts';
import { surgeriesOf } from '../collection/surgery.ts';
import { weightOf } from '../collection/weight.ts';
import type { DeviationCode } from '../collection/words.ts';
import type { Standing } from '../enrolment/status.ts';
import type { r4 } from '../fhir/resource.ts';
import { type Days, daysOf, spanOf } from '../fhir/time.ts';
import { collectionBar } from '../research/gate/collecting.ts';
import { type AdverseEventAssessment, assessAdverseEvent } from '../safety/event.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { PersonRecord } from '../screening/view.ts';
import { type Decision, inOrder } from '../study/decision.ts';
import type { LoadedStudy } from '../study/load.ts';
import type { Site } from '../study/site.ts';
import { aroundEvents, stampsOf } from './care-events.ts';
import { type Passage, passageOf } from './research-gate.ts';

/** What is to be said of a person's specimens, draws and adverse events at one moment. */
export interface Care {
  passage: Passage;
  /** By `Specimen/id`. */
  specimens: ReadonlyMap<string, SpecimenAssessment>;
  draws: readonly Draw[];
  /** By `AdverseEvent/id`; `aware`: an investigator has stamped that it is known. */
  events: ReadonlyMap<string, AdverseEventAssessment & { aware: boolean }>;
}

/** What care is a function of: record, decisions, study, site and clock. */
export interface CareOf {
  loaded: LoadedStudy;
  site: Site;
  record: PersonRecord;
  assessment: Assessment;
  standing: Standing;
}

/**
 * Joins consent, operations, stays and decisions for the rules of collection and of safety, and asks these. Pure. A study
 * without rules of collection has no operations of its own, and so no events of its own either.
 */
export function careOf({ loaded, site, record, assessment, standing }: CareOf, now: number): Care {
  const passage = passageOf(record, assessment, site, loaded.study, now);
  if (!loaded.collection) return { passage, specimens: new Map(), draws: [], events: new Map() };
  const context = { rules: loaded.collection, site };
  const decisions = inOrder(record.decisions ?? []);
  const collecting = collectingOf(record, standing, context, passage, decisions, now);
  const specimens = ofStudy(ofType<r4.Specimen>(record, 'Specimen'), firstSignature(assessment, site), context);
  const status = standing.subject ? standing.status : null;
  return {
    passage,
    specimens: new Map(assessSpecimens(specimens, collecting, context).map((one) => [one.specimen, one])),
    draws: drawsDue({ ...collecting, specimens, status }, context, now),
    events: eventsOf(),
  };

  function eventsOf(): Care['events'] {
    const { safety } = loaded;
    if (!safety) return new Map();
    const around = aroundEvents(
      { resources: record.resources, specimens },
      assessment,
      collecting.surgeries,
      decisions,
      site.timezone,
    );
    const judged = ofType<r4.AdverseEvent>(record, 'AdverseEvent').map((event) => {
      const stamps = stampsOf(event, decisions, now, site.timezone);
      const assessed = assessAdverseEvent(event, { ...around, ...stamps }, { rules: safety, site }, now);
      return { ...assessed, aware: stamps.awareAt !== null };
    });
    return new Map(judged.map((one) => [one.event, one]));
  }
}

function collectingOf(
  record: PersonRecord,
  standing: Standing,
  context: CollectionContext & { site: Site },
  passage: Passage,
  decisions: readonly Decision[],
  now: number,
): Collecting {
  const bar = collectionBar(passage.person, { site: context.site, study: passage.study, now });
  const accepted = decisions.filter(({ kind }) => kind === 'accept-deviation');
  return {
    consented: (purpose, at) => passage.grants.may(purpose, at),
    surgeries: surgeriesOf(record.resources, context),
    birth: passage.birth,
    weightKg: weightOf(record.resources, context, now),
    withdrawn: standing.subject && standing.reason === 'consent-withdrawn',
    enrolledInError: standing.subject && standing.reason === 'enrolled-in-error',
    guardianEnded: bar.guardianEnded,
    collectionWaitsFrom: bar.waitsFrom,
    accepted: accepted.flatMap(({ about, answer }): AcceptedDeviation[] =>
      about ? [{ about, code: answer as DeviationCode | null }] : [],
    ),
  };
}

/** The days of the first Consent for this study, valid or not. */
function firstSignature({ consents }: Assessment, site: Site): Days | null {
  const spans = consents.flatMap(({ consent }) => spanOf(String(consent.dateTime ?? ''), site.timezone) ?? []);
  const first = spans.sort((a, b) => a.start - b.start || a.end - b.end)[0];
  return first ? daysOf(first, site.timezone) : null;
}

function ofType<T>({ resources }: PersonRecord, type: string): T[] {
  return resources.filter(({ resourceType }) => resourceType === type) as unknown as T[];
}
