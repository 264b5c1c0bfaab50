import type { Span } from '../../fhir/time.ts';
import { type Doubt, type DoubtCode, inOrder } from './doubt.ts';
import { contains, type Intervals, intersect, interval, NEVER, subtract, touches, union } from './intervals.ts';
import { type ConsentReading, readConsent, type Twofold } from './reading.ts';
import type { ConsentingPerson, GateContext, GateStudy } from './signature.ts';

export type { Doubt } from './doubt.ts';
export type { ConsentPurposes } from './provision.ts';
export type { ConsentingPerson, GateStudy } from './signature.ts';

/** What one person lets pass, by purpose and time. */
export interface Grants {
  /**
   * Whether the consent covers a purpose at a time, which may be known only as a span. Ask twice: with the time of what
   * is to pass (data recorded, specimen drawn), and with the present, when it passes; only two times `yes` let it pass.
   * A purpose the study does not have, and a span that ends before it begins, are never covered.
   */
  may(purpose: string, at: Span): 'yes' | 'no' | 'unknown';
  /** When `may` says yes. */
  intervals(purpose: string): Intervals;
  /** What was not understood and therefore narrowed the grants; for review at the hospital. */
  doubts: readonly Doubt[];
}

/**
 * The consent gate: interval arithmetic, permit minus deny (study protocol reading, "Consent forms", I1, "Specimens";
 * FHIR R4, Consent). Each Consent decides from its own time until a newer one does; a date that is not an instant leaves
 * its day open, and Consents that no date can order must agree. The order in which they are given never matters, nor that one is repeated.
 * A deny with a start of its own also holds against older Consents.
 * @param now the clock, ms since 1970
 * @param earlierFrom the beginning of the index admission: data from then on passes although it is from before the
 * signature, where the form says so and nobody had refused or withdrawn; null for none
 */
export function grantsOf(
  person: ConsentingPerson,
  site: GateContext['site'],
  study: GateStudy,
  now: number,
  earlierFrom: number | null,
): Grants {
  const doubts: Doubt[] = [];
  const consents = new Map(person.consents.map((consent) => [JSON.stringify(consent), consent]));
  const readings = [...consents.values()].flatMap((consent) => {
    const name = consent.id === undefined ? null : `Consent/${consent.id}`;
    const report = (reason: DoubtCode, expression: string) => doubts.push({ consent: name, reason, expression });
    return readConsent(consent, person, { site, study, now }, earlierFrom, report) ?? [];
  });
  const reigns = readings.map((reading) => ({ reading, reign: reignOf(reading, readings) }));
  const known = new Map<string, Twofold>();
  for (const purpose of study.purposes.codes) {
    known.set(purpose, combined(reigns, purpose, purpose === study.purposes.ofData));
  }
  return {
    may(purpose, at) {
      const granted = known.get(purpose);
      if (!granted || !touches(granted.possible, at)) return 'no';
      return contains(granted.certain, at) ? 'yes' : 'unknown';
    },
    intervals: (purpose) => known.get(purpose)?.certain ?? NEVER,
    doubts: inOrder(doubts),
  };
}

/** When a Consent is the newest: `possible` for when it may be, `certain` for when no other may be. */
interface Reign {
  reading: ConsentReading;
  reign: { certain: Span; possible: Span };
}

function reignOf(one: ConsentReading, all: readonly ConsentReading[]): Reign['reign'] {
  const { at } = one;
  const others = all.filter((other) => other !== one).map((other) => other.at);
  const newer = others.filter((other) => other.start >= at.end).map((other) => other.end);
  const maybeNewer = others.filter((other) => other.end > at.start).map((other) => other.start);
  return {
    certain: { start: at.end, end: Math.min(Infinity, ...maybeNewer) },
    possible: { start: at.start, end: Math.min(Infinity, ...newer) },
  };
}

function combined(reigns: readonly Reign[], purpose: string, ofData: boolean): Twofold {
  const signed = interval(Math.min(Infinity, ...reigns.map(({ reading }) => reading.at.end)), Infinity);
  const own = reigns.map(({ reading, reign }) => {
    const possible = interval(reign.possible.start, reign.possible.end);
    const granted = reading.grants(purpose);
    return {
      certain: intersect(granted.certain, possible),
      possible: intersect(granted.possible, possible),
      closed: subtract(possible, granted.certain),
    };
  });
  const denied = (of: keyof Twofold) => union(...reigns.flatMap((one) => deniesOf(one, purpose, of)));
  const certain = intersect(
    subtract(union(...own.map((one) => one.certain)), union(...own.map((one) => one.closed))),
    signed,
  );
  const possible = union(...own.map((one) => one.possible));
  const earlier = ofData ? earlierOf(reigns) : { certain: NEVER, possible: NEVER };
  return {
    certain: subtract(union(certain, earlier.certain), denied('possible')),
    possible: subtract(union(possible, earlier.possible), denied('certain')),
  };
}

/** Nested denies of a purpose, until a newer Consent replaces theirs; without a start, from their Consent's time on. */
function deniesOf({ reading, reign }: Reign, purpose: string, of: keyof Twofold): Intervals[] {
  return reading.denies
    .filter((clause) => clause.purposes.has(purpose))
    .map(({ span, hasStart }) => {
      const start = hasStart ? span.start : reign[of].start;
      return interval(start, Math.min(span.end, reign[of].end));
    });
}

/** Data from before a signature, save of the time in which the person had said no. */
function earlierOf(reigns: readonly Reign[]): Twofold {
  const refused = (of: keyof Twofold) =>
    union(
      ...reigns.map(({ reading: { refusal }, reign }) =>
        refusal ? interval(Math.max(reign[of].start, refusal[of]), reign[of].end) : NEVER,
      ),
    );
  return {
    certain: subtract(union(...reigns.map(({ reading }) => reading.earlier.certain)), refused('possible')),
    possible: subtract(union(...reigns.map(({ reading }) => reading.earlier.possible)), refused('certain')),
  };
}
