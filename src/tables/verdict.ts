import type { VerdictFact } from './input.ts';

/** Stands for the verdict of every sensitive criterion, whatever it is: one that shows only when met would tell. */
export const MASKED = 'masked';

/** A verdict as tables may show it (study protocol reading, "Verdicts"). */
export function maskedVerdict(fact: VerdictFact): VerdictFact {
  return fact.sensitive ? { ...fact, verdict: MASKED, reason: null, since: null } : fact;
}
