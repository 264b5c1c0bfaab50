import { dayText, spanOf } from '../fhir/time.ts';
import type { Site } from '../study/site.ts';
import type { Assessment } from './assessment.ts';
import { formInForce, signer } from './functions/consent.ts';
import { newest } from './functions/time.ts';
import { flagsOf, groupOf } from './grouping.ts';
import { type Desk, Session, type SessionHolder } from './session.ts';
import { Sets } from './sets.ts';
import { judge } from './verdict.ts';
import type { PersonRecord } from './view.ts';

/** Screens one person; pure: the same record, study, site and clock give the same assessment. */
export interface Screener {
  /** @param now the clock, milliseconds since 1970 */
  assess(record: PersonRecord, site: Site, now: number): Assessment;
}

/** @param holder the one the functions of the study's expressions were bound to */
export function createScreener(desk: Desk, holder: SessionHolder): Screener {
  return {
    assess(record, site, now) {
      const session = new Session(desk, site, record, now);
      const sets = new Sets(session, holder);
      const verdicts = desk.study.criteria.map((criterion) => judge(criterion, sets));
      const grouping = groupOf(session, sets);
      const flags = flagsOf(session, sets, grouping);
      const meanings = verdicts.flatMap((verdict) =>
        verdict.verdict === 'conflict'
          ? []
          : verdict.findings.flatMap(({ means, reason }) => (means ? [{ means, reason }] : [])),
      );
      const anchor = session.anchor!;
      const { patient } = session.view;
      const death = patient?.deceasedDateTime ? spanOf(patient.deceasedDateTime, session.zone) : null;
      return {
        studyVersion: desk.study.version,
        verdicts,
        group: grouping.group,
        groups: grouping.groups,
        stratum: grouping.stratum,
        basis: grouping.basis,
        stratumMissing: grouping.stratumMissing,
        flags,
        anchor: { day: dayText(anchor.days.first), from: anchor.from },
        facts: {
          diseaseEvidence: sets.set('diseaseEvidence').length > 0,
          rootOnly: sets.set('rootOnly').length > 0,
          studyRequests: sets.set('studyRequests').length > 0,
          requestsOutside: sets.set('requestsOutside').length > 0,
          consents: session.view.consents.length + session.view.draftConsents.length > 0,
          openRequests: sets.set('openRequests').length > 0,
          proceduresAfterConsent: sets.set('proceduresAfterConsent').length > 0,
          consentAt: consentAt(session),
          undecidedProcedure: sets.isUndecided('openRequests') || sets.isUndecided('proceduresAfterConsent'),
          deceased: patient?.deceasedBoolean === true || (death !== null && death.start <= now),
          meanings,
        },
        consents: [...session.view.consents, ...session.view.draftConsents].map((consent) => {
          const inForce = formInForce(session, consent);
          return { consent, signer: signer(session, consent), formInForce: Array.isArray(inForce) ? null : inForce };
        }),
        recheckOn: session.turnsOn === null ? null : dayText(session.turnsOn),
      };
    },
  };
}

/** The time of the newest Consent for this study. */
function consentAt(session: Session): number | null {
  const times = newest(session, session.view.consents).flatMap((consent) => session.when(consent)?.start ?? []);
  return times.length > 0 ? Math.max(...times) : null;
}
