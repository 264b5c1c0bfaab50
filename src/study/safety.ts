import type { ValueSets } from '../terminology/value-set.ts';
import type { StudyCore } from './load.ts';
import type { Checked, OpenQuestion } from './model.ts';
import { openParameters } from './parameter-file.ts';

/** How a study reads adverse events: `<study>-safety`. */
export interface SafetyRules {
  /** Events count for so many days after the last collection. */
  windowDays: number;
  /** Codes of the NCI Thesaurus of the criteria that make an event serious. */
  criteria: ReadonlySet<string>;
  /** ValueSets written in the file. */
  sets: ValueSets;
  /** Id of the set of expected events, and whole texts that name one. */
  expected: { id: string; texts: ReadonlySet<string> };
  openQuestions: readonly OpenQuestion[];
}

/**
 * Reads how a study reads adverse events (study protocol reading, "Adverse events") from its folder; every mistake comes
 * back with file, line and path. Null for a study without that file.
 */
export async function loadSafety(root: string, loaded: StudyCore): Promise<Checked<SafetyRules | null>> {
  const opened = await openParameters(root, `${loaded.study.id}-safety`);
  if (!opened.ok) return opened;
  const file = opened.value;
  if (!file) return { ok: true, value: null };
  const rules = {
    windowDays: file.positive('windowDays'),
    criteria: file.list('criterion'),
    expected: { id: file.set('expected'), texts: file.texts('expectedText') },
  };
  const finished = file.finish();
  if (!finished.ok) return finished;
  return { ok: true, value: { ...rules, sets: finished.value.valueSets, openQuestions: file.questions } };
}
