import type { FhirResource } from '../../src/fhir/resource.ts';
import { adverseEvent, type FeedContext, feedContext, specimen } from './builders.ts';
import type { Told } from './people.ts';

const HOSPITALIZATION = 'C83052';
const PLASMA = '119361006';
const kit = ({ site, number }: FeedContext, part = '') =>
  `${site.id.toUpperCase()}-${String(number).padStart(5, '0')}${part}`;

/** Specimens and adverse events of people in the script, by the story of the first person it is told of. */
const BROUGHT: Readonly<Record<string, (ctx: FeedContext) => FhirResource[]>> = {
  'example 1: hemangioma, age 34': (ctx) => {
    const blood = specimen(ctx, { on: '2025-05-30T08:00:00+08:00', kit: kit(ctx) });
    return [blood, specimen(ctx, { type: PLASMA, on: null, ml: 4, kit: kit(ctx, '-1'), parent: blood })];
  },
  // Less than 30 mL.
  'example 5: chronic hepatitis B': (ctx) => [
    specimen(ctx, { on: '2025-05-30T08:10:00+08:00', ml: 20, kit: kit(ctx) }),
  ],
  // Before the consent.
  'example 5: chronic hepatitis B with Ishak 5': (ctx) => [
    specimen(ctx, { on: '2025-05-02T08:00:00+08:00', kit: kit(ctx) }),
  ],
  // Withdrawn afterwards.
  'need: booked procedure': (ctx) => [specimen(ctx, { on: '2025-05-30T08:20:00+08:00', kit: kit(ctx) })],
  'example 4: fatty liver, biopsy 20 %': (ctx) => [
    adverseEvent(ctx, {
      on: '2025-05-30T21:00:00+08:00',
      code: 'R55.x00',
      criteria: [HOSPITALIZATION],
      recordedDate: '2025-05-31T08:00:00+08:00',
    }),
  ],
  'group: Normal, elderly': (ctx) => [adverseEvent(ctx, { on: '2025-05-30', code: 'L50.900' })],
};

/** What the study's nurses and the biobank send about people in the script. */
export function collected(told: readonly Told[], seed: string): FhirResource[] {
  return Object.entries(BROUGHT).flatMap(([story, bring]) => {
    const person = told.find((each) => each.story.name === story)?.person;
    if (!person) throw new Error(`nobody is of the story "${story}"`);
    const number = Number(person.patient.split('-')[2]);
    return bring(feedContext(person.site, number, `${seed}/collected`));
  });
}
