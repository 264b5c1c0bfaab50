import { type Day, dayText } from '../fhir/time.ts';
import type { Verdict } from '../screening/assessment.ts';
import type { Transaction } from '../store/store.ts';

/** A verdict as the study side has it. */
export interface KnownVerdict {
  /** `met`, `not-met`, `unknown` or `not-applicable`; what contradicts itself is not known. */
  verdict: string;
  /** The day since which it is so (ISO 8601). */
  since: string;
}

/**
 * Writes how the criteria came out for a subject, when anything changed. Sensitive ones stay at the hospital, whatever
 * was found; so do reasons, evidence and what is missing.
 * @param verdicts none for somebody whose consent does not cover the use of data
 * @param today the day of the screening
 */
export async function keepVerdicts(
  { study }: Transaction,
  subject: string,
  verdicts: readonly Verdict[],
  today: Day,
): Promise<void> {
  const row = await study.verdictsOf(subject);
  const before = row ? verdictsIn(row.verdicts) : {};
  const now: Record<string, KnownVerdict> = {};
  for (const { id, sensitive, verdict } of verdicts) {
    if (sensitive) continue;
    const told = verdict === 'conflict' ? 'unknown' : verdict;
    now[id] = before[id]?.verdict === told ? before[id] : { verdict: told, since: dayText(today) };
  }
  const text = JSON.stringify(now);
  if (text === (row?.verdicts ?? '{}')) return;
  await study.putVerdicts({ subject, version: (row?.version ?? 0) + 1, verdicts: text });
}

export function verdictsIn(text: string): Record<string, KnownVerdict> {
  return JSON.parse(text) as Record<string, KnownVerdict>;
}
