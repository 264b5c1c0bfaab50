import type { Screening } from '../pipeline/screen.ts';
import type { Tally } from '../pipeline/tally.ts';
import type { UnmappedCount } from '../store/store.ts';
import type { Study } from '../study/model.ts';
import { type CareCounts, careCounts } from './care-counts.ts';
import { worklist } from './worklist.ts';

/** `summary.json`: counts only, no identifiers. */
export interface Summary {
  study: string;
  studyVersion: string;
  asOf: string;
  resources: { read: number; accepted: number; ignored: number; quarantined: number };
  ignored: Record<string, Record<string, number>>;
  quarantined: Record<string, number>;
  /** What the accepted resources did to the record; all unchanged or stale when the feed was known already. */
  changes: Tally['changes'];
  /** Exclusive bins; their people add up to `people`. */
  people: number;
  funnel: { bin: string; people: number }[];
  subjects: number;
  reasons: { status: string; reason: string; people: number }[];
  groups: { group: string; stratum: string | null; people: number; eligible: number }[];
  flags: { flag: string; people: number }[];
  missing: { criterion: string; what: string; standing: string; zh: string; en: string; people: number }[];
  unmapped: { codes: number; resources: number; people: number };
  unresolvedReferences: number;
  /** People of whom data was passed over unchecked, since nothing of the study was known of them; subjects among them. */
  passedOver: { people: number; subjects: number };
  /** The study side: consenting people, their research resources by type, and what is held back at the hospital. */
  research: ResearchCounts;
  /** Specimens, draws and adverse events of subjects, and what the study team is to do about them. */
  care: CareCounts;
}

export interface ResearchCounts {
  people: number;
  resources: Record<string, number>;
  held: number;
  /** Participant numbers given, by group; void ones left out. */
  participants: Record<string, number>;
}

/** The order in which somebody passes through the study, the hopeful end first. */
const STATUSES = [
  'pending-on-study',
  'on-study',
  'follow-up',
  'off-study',
  'eligible',
  'screening',
  'potential-candidate',
  'ineligible',
  'not-registered',
  'withdrawn',
];
const COUNTED = ['no-liver-procedure-or-consent', 'outside-period', 'root-only', 'no-disease-evidence'];

export function summarise(
  about: { study: string; studyVersion: string; asOf: string },
  study: Study,
  tally: Tally,
  screening: Screening,
  unmapped: readonly UnmappedCount[],
  research: ResearchCounts = { people: 0, resources: {}, held: 0, participants: {} },
  passedOver: Summary['passedOver'] = { people: 0, subjects: 0 },
): Summary {
  const rows = worklist(screening.subjects);
  const retracted = rows.filter((row) => row.reason === 'evidence-retracted').length;
  const funnel = [
    ...STATUSES.map((status) => ({
      bin: status,
      people: rows.filter((row) => row.status === status && row.reason !== 'evidence-retracted').length,
    })),
    { bin: 'evidence-retracted', people: retracted },
    ...COUNTED.map((bin) => ({ bin: `not-a-subject: ${bin}`, people: screening.counted.get(bin as never) ?? 0 })),
  ];
  const attested = new Set(study.criteria.filter((one) => one.whenUnknown === 'attest').map(({ id }) => id));
  const open = tallied(
    rows.flatMap((row) =>
      row.criteria.flatMap(({ id, missing: open }) =>
        (open ?? []).map(({ what, standing, zh, en }) => ({
          criterion: id,
          what,
          standing,
          zh: undecidedOf(zh),
          en: undecidedOf(en),
        })),
      ),
    ),
  );
  // What only the enrolling investigator attests concerns nearly everybody: it must not hide what is to be done before.
  const missing = [
    ...open.filter(({ criterion }) => !attested.has(criterion)),
    ...open.filter(({ criterion }) => attested.has(criterion)),
  ];
  return {
    ...about,
    resources: { read: tally.read, accepted: tally.accepted, ignored: tally.ignored, quarantined: tally.quarantined },
    ignored: Object.fromEntries(
      [...tally.ignoredBy].sort().map(([type, reasons]) => [type, Object.fromEntries([...reasons].sort())]),
    ),
    quarantined: Object.fromEntries([...tally.quarantinedBy].sort()),
    changes: tally.changes,
    people: funnel.reduce((sum, { people }) => sum + people, 0),
    funnel,
    subjects: rows.length,
    reasons: tallied(rows.flatMap(({ status, reason }) => (reason ? [{ status, reason }] : []))),
    groups: groupsOf(rows, study),
    flags: tallied(rows.flatMap((row) => row.flags.map((flag) => ({ flag })))),
    missing,
    unmapped: {
      codes: unmapped.length,
      resources: unmapped.reduce((sum, row) => sum + row.resources, 0),
      people: unmapped.reduce((sum, row) => sum + row.people, 0),
    },
    unresolvedReferences: screening.unresolved,
    passedOver,
    research,
    care: careCounts(screening.subjects),
  };
}

/** In the order of the study's groups and strata; those without a stratum last. */
function groupsOf(
  rows: readonly { group: string | null; stratum: string | null; status: string }[],
  study: Study,
): Summary['groups'] {
  const all = tallied(rows.flatMap(({ group, stratum }) => (group ? [{ group, stratum }] : [])));
  const place = ({ group, stratum }: { group: string; stratum: string | null }) => {
    const at = study.groups.findIndex((one) => one.group === group);
    const strata = study.groups[at]?.strata ?? [];
    const within = strata.findIndex((one) => one.stratum === stratum);
    return at * 1000 + (within < 0 ? 999 : within);
  };
  return all
    .map((one) => ({
      ...one,
      eligible: rows.filter(
        ({ group, stratum, status }) => group === one.group && stratum === one.stratum && status === 'eligible',
      ).length,
    }))
    .sort((a, b) => place(a) - place(b));
}

/** A to-do about one resource is counted with those about others: the reference in brackets goes. */
function undecidedOf(words: string): string {
  return words.replace(/ ?[（(][A-Z][A-Za-z]+\/[^（(]*[)）]$/, '');
}

/** Equal things with how many people they concern, the most first. */
function tallied<T extends object>(things: readonly T[]): (T & { people: number })[] {
  const counts = new Map<string, { thing: T; people: number }>();
  for (const thing of things) {
    const key = JSON.stringify(thing);
    const known = counts.get(key);
    if (known) known.people++;
    else counts.set(key, { thing, people: 1 });
  }
  return [...counts]
    .sort(([a, one], [b, two]) => two.people - one.people || (a < b ? -1 : 1))
    .map(([, { thing, people }]) => ({ ...thing, people }));
}
