import type { ValueSets } from '../terminology/value-set.ts';
import type { StudyCore } from './load.ts';
import type { Checked, OpenQuestion } from './model.ts';
import { openParameters } from './parameter-file.ts';

/** How a study collects specimens: `<study>-collection`. */
export interface CollectionRules {
  /** Signs alone, and is bled as an adult, from this birthday on. */
  adultAge: number;
  /** The least volume of blood of an adult, in mL. */
  bloodMl: number;
  /** ValueSets written in the file. */
  sets: ValueSets;
  /** Ids of those that tell what a specimen is. */
  kinds: { blood: string; tissue: string; derived: string };
  /** Id of the set of body weights. */
  weight: string;
  /** The purposes of consent that cover a kind. */
  purposes: { blood: string; tissue: string };
  /** Where blood is to be drawn, and places known to be elsewhere; a place on neither list is asked about. */
  position: { right: string; rightTexts: ReadonlySet<string>; wrong: string; wrongTexts: ReadonlySet<string> };
  /** The operations that blood comes before: a ValueSet of the study. */
  surgery: { id: string; valueSets: ValueSets };
  /** ResearchSubject status in which no draw is owed, and in which none is announced any more. */
  neverOwed: ReadonlySet<string>;
  noLongerDue: ReadonlySet<string>;
  kit: { system: string; form: RegExp };
  /** `study`: blood and tissue without a kit id are the study's from the day of the signature on; `clinical`: never. */
  withoutKit: 'study' | 'clinical';
  openQuestions: readonly OpenQuestion[];
}

/**
 * Reads how a study collects specimens (study protocol reading, "Specimens") from its folder; every mistake comes back
 * with file, line and path. Null for a study without that file.
 */
export async function loadCollection(root: string, loaded: StudyCore): Promise<Checked<CollectionRules | null>> {
  const opened = await openParameters(root, `${loaded.study.id}-collection`);
  if (!opened.ok) return opened;
  const file = opened.value;
  if (!file) return { ok: true, value: null };
  const rules = {
    adultAge: Number(loaded.study.parameters.adultAge),
    bloodMl: file.quantity('bloodVolume', 'mL'),
    kinds: { blood: file.set('blood'), tissue: file.set('tissue'), derived: file.set('derived') },
    weight: file.set('bodyWeight'),
    purposes: { blood: file.text('bloodPurpose'), tissue: file.text('tissuePurpose') },
    position: {
      right: file.set('position'),
      rightTexts: file.texts('positionText'),
      wrong: file.set('otherPosition'),
      wrongTexts: file.texts('otherPositionText'),
    },
    surgery: { id: file.text('surgery'), valueSets: loaded.valueSets },
    neverOwed: file.list('drawNeverOwed'),
    noLongerDue: file.list('drawNoLongerDue'),
    withoutKit: file.choice('specimenWithoutKit', ['study', 'clinical']),
    kit: { system: file.text('kitSystem'), form: file.form('kitForm') },
  };
  if (!loaded.valueSets.has(rules.surgery.id)) file.fault(null, `there is no ValueSet "${rules.surgery.id}"`, null);
  for (const text of rules.position.rightTexts) {
    if (rules.position.wrongTexts.has(text)) file.fault(null, 'a text names a right and a wrong position', null);
  }
  const finished = file.finish();
  if (!finished.ok) return finished;
  return { ok: true, value: { ...rules, sets: finished.value.valueSets, openQuestions: file.questions } };
}
