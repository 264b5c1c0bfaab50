import type { Agreement } from './agreement.ts';

/** A verdict on a criterion as the study side has it. */
export interface OwnVerdict {
  criterion: string;
  exclude: boolean;
  /** The criterion in English. */
  text: string;
  verdict: string;
  /** The day since which it is so (ISO 8601). */
  since: string;
}

/** The same as a registry may have it. */
export interface ShownVerdict extends Omit<OwnVerdict, 'since'> {
  /** The registry's id of the ResearchSubject. */
  subject: string;
  /** A day or a year; null where it may not be told. */
  since: string | null;
}

/** In a release that says what of it changed, beside resources. */
export const VERDICT = 'Verdict';

/**
 * The verdicts that an agreement names. Their day is one on which the gateway worked, the same for many people: shifted,
 * it would tell how far the dates of each were moved. So it passes exact, as a year, or not at all.
 * @param subject the registry's id of the ResearchSubject
 */
export function verdictsShown(
  { criteria, dates }: Pick<Agreement, 'criteria' | 'dates'>,
  subject: string,
  verdicts: readonly OwnVerdict[],
): ShownVerdict[] {
  return verdicts
    .filter(({ criterion }) => criteria.has(criterion))
    .map((verdict) => ({ ...verdict, subject, since: sinceAs(dates, verdict.since) }));
}

function sinceAs(dates: Agreement['dates'], since: string): string | null {
  if (dates === 'shifted') return null;
  return dates === 'year' ? since.slice(0, 4) : since;
}
