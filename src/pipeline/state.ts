import { type Standing, standingOf } from '../enrolment/status.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { PersonRecord } from '../screening/view.ts';
import type { Transaction } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import { type Care, careOf } from './care.ts';
import { subjectOf } from './enrol.ts';
import { type Gateway, keysOf } from './gateway.ts';
import { type Person, recordOf } from './person.ts';

/** What the record, the decisions, the study and the clock make of a person. */
export interface State {
  assessment: Assessment;
  standing: Standing;
  /** The id of the ResearchSubject the person already has. */
  subject: string | null;
  record: PersonRecord;
  care: Care;
}

/** A person's state now. */
export async function stateOf(
  gateway: Gateway,
  tx: Transaction,
  site: Site,
  person: Person,
  now: number,
): Promise<State> {
  const keys = await keysOf(gateway, site.id);
  const subject = await subjectOf(tx, gateway, person);
  const record = await recordOf(tx.hospital, person, keys);
  const assessment = gateway.screener.assess(record, site, now);
  const standing = standingOf({
    assessment,
    decisions: person.decisions,
    countersignature: gateway.loaded.study.parameters.countersignatureRequired === true,
    siteStatus: site.status,
    hadSubject: subject !== null,
  });
  const care = careOf({ loaded: gateway.loaded, site, record, assessment, standing }, now);
  return { assessment, standing, subject, record, care };
}
