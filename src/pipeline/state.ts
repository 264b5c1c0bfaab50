import { type Standing, standingOf } from '../enrolment/status.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { PersonRecord } from '../screening/view.ts';
import type { Transaction } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import { subjectOf } from './enrol.ts';
import { type Gateway, keysOf } from './gateway.ts';
import { type Person, recordOf } from './person.ts';

/** A person's assessment and standing: what the record, the decisions, the study and the clock make of them. */
export async function stateOf(
  gateway: Gateway,
  tx: Transaction,
  site: Site,
  person: Person,
  now: number,
): Promise<{ assessment: Assessment; standing: Standing; subject: string | null; record: PersonRecord }> {
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
  return { assessment, standing, subject, record };
}
