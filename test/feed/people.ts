import type { FhirResource } from '../../src/fhir/resource.ts';
import { feedContext } from './context.ts';
import { seededRandom } from './random.ts';
import { SITE_IDS, type SiteId } from './sites.ts';
import { VARIANTS } from './stories/variants.ts';
import { STORIES } from './stories.ts';
import type { Counted, Expected, Story } from './story.ts';

/** One person of the feed and what screening must say. */
export interface FeedPerson {
  site: SiteId;
  /** `Patient/id` under which the person is known in the end. */
  patient: string;
  /** Other Patient references of the same person; none of them is a subject of its own. */
  aliases: string[];
  story: string;
  expected: Expected | null;
  /** The participant number that the scripted investigator's enrolment gives. */
  participant?: string;
  /** Why not a subject; null for subjects, and where two readings are possible. */
  counted: Counted | null;
}

export interface Told {
  person: FeedPerson;
  story: Story;
  resources: FhirResource[];
}

/** Tells a story of the person with this number at the site. The same arguments give the same resources. */
export function tell(story: Story, site: SiteId, number: number, seed: string): Told {
  const ctx = feedContext(site, number, seed);
  const idOf = (suffix: string) => (suffix === '' ? ctx.patientId : `${ctx.patientId}-${suffix}`);
  const person: FeedPerson = {
    site,
    patient: `Patient/${idOf(story.survivor ?? '')}`,
    aliases: (story.aliases ?? []).map((suffix) => `Patient/${idOf(suffix)}`),
    story: story.name,
    expected: story.expected,
    counted: story.counted ?? null,
  };
  return { person, story, resources: story.build(ctx) };
}

/** How many frequent stories are told once more. */
const REPEATS = 20;

/** Everybody of the feed: each story once (the variants only when asked for), then frequent ones again. */
export function tellAll(seed: string, variants: boolean): Told[] {
  const random = seededRandom(`${seed}/people`);
  const once = STORIES.filter((story) => variants || !VARIANTS.includes(story.name));
  const frequent = STORIES.filter((story) => story.frequent === true);
  const shuffled = frequent.map((story) => ({ story, key: random.next() })).sort((a, b) => a.key - b.key);
  const again = shuffled.slice(0, REPEATS).map(({ story }) => story);
  const numbers = new Map<SiteId, number>();
  return [...once, ...again].map((story, at) => {
    const site = story.site ?? SITE_IDS[at % SITE_IDS.length]!;
    const number = (numbers.get(site) ?? 0) + 1;
    numbers.set(site, number);
    return tell(story, site, number, seed);
  });
}
