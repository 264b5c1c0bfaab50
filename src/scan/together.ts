import type { Meaning } from './meaning.ts';
import { MEANS } from './plan.ts';

/** What phrases mean to the scan of a run. */
export type PhraseMeaning = Pick<Meaning, 'of'>;

/**
 * What phrases mean to several studies at once. A line that is evidence for any of them would be read in any case, as
 * its person is a candidate; it is read at once, so that each study sees for itself for whom of them it speaks, and the
 * entries of a scan need not say which studies' it is. One study's meaning stays as it is.
 */
export function together(meanings: readonly PhraseMeaning[]): PhraseMeaning {
  if (meanings.length === 1) return meanings[0]!;
  return { of: (phrase) => (meanings.some((meaning) => meaning.of(phrase) !== 0) ? MEANS.read : 0) };
}
