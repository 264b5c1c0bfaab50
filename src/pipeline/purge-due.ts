import type { Standing } from '../enrolment/status.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { type Day, dayFrom, dayOf, daysOf, spanOf } from '../fhir/time.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { MoveRow, RecordRow } from '../store/store.ts';
import { concernsStudy, formNamed, inForce } from '../study/consent-form.ts';
import type { Decision, DecisionKind } from '../study/decision.ts';
import type { ConsentForm, Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';

/** Why something is purged; nothing of anybody's health. `unresolved`: an identifier that leads to no one Patient. */
export type PurgeReason = 'counted-only' | 'declined' | 'no-consent' | 'unresolved';

/** Why somebody is kept; the codes are stable. `undated` and those after it ask for a look by a person. */
export type KeptReason =
  | 'consent'
  | 'decision'
  | 'on-study-side'
  | 'in-time'
  | 'undated'
  | 'consent-unreadable'
  | 'consent-replaced'
  | 'tied-to-another'
  | 'guardian-of-another'
  | 'merge-unscreened';

export type PurgeDecision = { due: true; reason: PurgeReason } | { due: false; kept: KeptReason };

/** What the decision rests on. */
export interface AtPurge {
  /** Every row of the person, deletions included. */
  rows: readonly RecordRow[];
  /** What those rows hold, as far as they hold something. */
  resources: readonly FhirResource[];
  decisions: readonly Pick<Decision, 'kind' | 'at'>[];
  moves: readonly MoveRow[];
  /** Null while the person has not been screened for this decision. */
  screened: { standing: Standing; assessment: Assessment } | null;
  /** The study side knows a participant number or a research record of the person. */
  onStudySide: boolean;
  site: Pick<Site, 'id' | 'timezone' | 'purgeAfterDays'>;
  study: Pick<Study, 'consentBase' | 'forms'>;
  /** The clock, in milliseconds. */
  now: number;
}

/** Decisions about somebody who need not ever have consented; any other keeps the person for good. */
const PASSING: ReadonlySet<DecisionKind> = new Set([
  'nominate',
  'suitable',
  'unsuitable',
  'confirm',
  'reject',
  'settle',
  'decline',
  'reopen',
]);
const ENROLLED = new Set(['pending-on-study', 'on-study', 'follow-up', 'off-study']);

/**
 * Whether a person is to be purged (study protocol reading, "ResearchSubject status": people who never consent, some
 * days after the anchor or the last contact, whichever is later). Pure. What cannot be told keeps the person: a
 * Consent for this study keeps unless it was certainly never valid, and somebody of whom no date is known stays.
 */
export function purgeDue(at: AtPurge): PurgeDecision {
  const kept = keptByConsent(at);
  if (kept) return { due: false, kept };
  if (at.decisions.some(({ kind }) => !PASSING.has(kind))) return { due: false, kept: 'decision' };
  if (at.onStudySide) return { due: false, kept: 'on-study-side' };
  const { timezone, purgeAfterDays } = at.site;
  const anchor = at.screened && at.screened.assessment.anchor.from !== 'now' ? at.screened.assessment.anchor : null;
  const days = [lastContact(at, timezone), anchor && dayFrom(anchor.day)].filter((day) => day !== null);
  if (days.length === 0) return { due: false, kept: 'undated' };
  if (dayOf(at.now, timezone) <= Math.max(...days) + purgeAfterDays) return { due: false, kept: 'in-time' };
  const standing = at.screened?.standing;
  if (!standing?.subject) return { due: true, reason: 'counted-only' };
  if (ENROLLED.has(standing.status)) return { due: false, kept: 'decision' };
  return { due: true, reason: standing.reason === 'declined' ? 'declined' : 'no-consent' };
}

function keptByConsent({ rows, resources, moves, screened, site, study }: AtPurge): KeptReason | null {
  const met = screened?.assessment.verdicts.some((one) => one.whenNotMet === 'screening' && one.verdict === 'met');
  if (met) return 'consent';
  const bodies = new Map(
    resources.flatMap((one) => (one.resourceType === 'Consent' ? [[one.id, one as unknown as r4.Consent]] : [])),
  );
  let doubt: KeptReason | null = null;
  for (const row of rows) {
    if (row.type !== 'Consent') continue;
    const consent = bodies.get(row.id);
    // Deleted, or no longer for this study although only such are kept: nobody can tell any more what it permitted.
    if (!consent || row.deleted || !concernsStudy(consent, study)) doubt = 'consent-unreadable';
    else if (consent.status === 'entered-in-error') continue;
    else if (!certainlyInvalid(consent, study.forms, site)) return 'consent';
    else if (moves.some((move) => restsOnOtherVersion(move, row))) doubt ??= 'consent-replaced';
  }
  return doubt;
}

const NEVER_SIGNED = new Set<string | undefined>(['draft', 'proposed', 'rejected']);

/** Refused, not signed, of another scope, or signed on a version that was not in force; a run out period was valid once. */
function certainlyInvalid(
  consent: r4.Consent,
  forms: readonly ConsentForm[],
  { id, timezone }: Pick<Site, 'id' | 'timezone'>,
): boolean {
  if (NEVER_SIGNED.has(consent.status) || consent.provision?.type === 'deny') return true;
  const scopes = consent.scope?.coding ?? [];
  if (scopes.length > 0 && !scopes.some(({ code }) => code === 'research')) return true;
  const form = formNamed(consent, { forms });
  const span = consent.dateTime ? spanOf(consent.dateTime, timezone) : null;
  if (!form || !span) return false;
  const { from, until } = inForce(form, forms, id);
  const signed = daysOf(span, timezone);
  return signed.last < from || signed.first >= until;
}

/** A move that was no refusal, made on another version of this Consent: it may have been valid then. */
function restsOnOtherVersion({ reason, evidence }: MoveRow, { id, versionId }: RecordRow): boolean {
  if (reason === 'declined') return false;
  return evidence.some((one) => {
    const [consent, version] = one.split('/_history/');
    return consent === `Consent/${id}` && (version === undefined || version !== versionId);
  });
}

/**
 * The newest day of anything known: when versions were written, what happened, what people decided. Dates of birth and
 * periods of validity are no contact.
 */
function lastContact({ rows, resources, decisions }: AtPurge, zone: string): Day | null {
  const texts = [...rows.flatMap(({ rank }) => rank.at ?? []), ...decisions.map(({ at }) => at)];
  for (const resource of resources) collectDates(resource, texts);
  const days = texts.flatMap((text) => {
    const span = spanOf(text, zone);
    return span ? [daysOf(span, zone).last] : [];
  });
  return days.reduce<Day | null>((newest, day) => (newest === null || day > newest ? day : newest), null);
}

const DATED =
  /(Date|DateTime|Time|Instant)$|^(date|start|end|issued|authoredOn|lastUpdated|detected|event|dateAsserted)$/i;
const NO_CONTACT = new Set(['birthDate', 'provision', 'contained', 'name', 'identifier', 'telecom', 'address']);

function collectDates(value: unknown, into: string[], name = ''): void {
  if (typeof value === 'string') {
    if (DATED.test(name)) into.push(value);
  } else if (Array.isArray(value)) {
    for (const item of value) collectDates(item, into, name);
  } else if (typeof value === 'object' && value !== null) {
    const related = 'resourceType' in value && value.resourceType === 'RelatedPerson';
    for (const [key, item] of Object.entries(value)) {
      if (!NO_CONTACT.has(key) && !(related && key === 'period')) collectDates(item, into, key);
    }
  }
}
