import { join } from 'node:path';
import { writeOtherStudy } from '../../test/study/other-study.ts';

/** The study whose people the feed is about, as `screen --study` takes it. */
export const FIRST = 'nct07265544';

/**
 * The study and others made of it: of other ids, titles and forms, with two cut-offs of their own. They look for the same
 * diseases, so each screens the same people: the dearest case. Nobody has signed for them, so they make no research
 * records.
 * @param root an empty folder, for the others
 * @returns what `--study` is given, the study of the feed first
 */
export function studiesIn(root: string, count: number): string[] {
  const others = Array.from({ length: count - 1 }, (_, at) => {
    const folder = join(root, `study-${at + 2}`);
    writeOtherStudy(folder, `study-${at + 2}`, {
      'name: plateletsReview\n    valueDecimal: 50\n': `name: plateletsReview\n    valueDecimal: ${60 + at}\n`,
      'name: stiffnessSevere\n    valueDecimal: 12.4\n': `name: stiffnessSevere\n    valueDecimal: ${13 + at / 10}\n`,
    });
    return folder;
  });
  return [FIRST, ...others];
}
