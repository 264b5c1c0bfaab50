import { coagulationStories } from './stories/coagulation.ts';
import { consentStories } from './stories/consent.ts';
import { diseaseStories } from './stories/disease.ts';
import { gradingStories } from './stories/grading.ts';
import { groupStories } from './stories/groups.ts';
import { immunityStories } from './stories/immunity.ts';
import { infectionStories } from './stories/infection.ts';
import { needStories } from './stories/need.ts';
import { precedenceStories } from './stories/precedence.ts';
import { recordStories } from './stories/record.ts';
import { referenceStories } from './stories/references.ts';
import { workedExamples } from './stories/worked-examples.ts';
import type { Story } from './story.ts';

export type { Counted, Expected, Flag, Group, Status, Story, Verdict } from './story.ts';

/** Every story of the demo feed. What each expects is read from the protocol page, never from the code. */
export const STORIES: readonly Story[] = [
  ...workedExamples,
  ...consentStories,
  ...needStories,
  ...diseaseStories,
  ...groupStories,
  ...gradingStories,
  ...infectionStories,
  ...coagulationStories,
  ...immunityStories,
  ...precedenceStories,
  ...recordStories,
  ...referenceStories,
];
