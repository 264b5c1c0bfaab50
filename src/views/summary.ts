import type { Screening } from '../pipeline/screen.ts';
import type { Tally } from '../pipeline/tally.ts';
import type { UnmappedCount } from '../store/store.ts';
import type { Study } from '../study/model.ts';
import type { CareCounts } from './care-counts.ts';
import type { About } from './report.ts';
import type { SubjectCounts } from './subject-counts.ts';

/** `summary.json`: counts only, no identifiers. */
export interface Summary extends About {
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
  about: About,
  study: Study,
  tally: Tally,
  screening: Screening,
  counts: SubjectCounts,
  unmapped: readonly UnmappedCount[],
  research: ResearchCounts = { people: 0, resources: {}, held: 0, participants: {} },
  passedOver: Summary['passedOver'] = { people: 0, subjects: 0 },
): Summary {
  const funnel = [
    ...STATUSES.map((status) => ({ bin: status, people: counts.statuses.get(status) ?? 0 })),
    { bin: 'evidence-retracted', people: counts.retracted },
    ...COUNTED.map((bin) => ({ bin: `not-a-subject: ${bin}`, people: screening.counted.get(bin as never) ?? 0 })),
  ];
  const attested = new Set(study.criteria.filter((one) => one.whenUnknown === 'attest').map(({ id }) => id));
  const open = counts.missing.all();
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
    subjects: counts.subjects,
    reasons: counts.reasons.all(),
    groups: groupsOf(counts, study),
    flags: counts.flags.all(),
    missing,
    unmapped: {
      codes: unmapped.length,
      resources: unmapped.reduce((sum, row) => sum + row.resources, 0),
      people: unmapped.reduce((sum, row) => sum + row.people, 0),
    },
    unresolvedReferences: screening.unresolved,
    passedOver,
    research,
    care: counts.care.counts(),
  };
}

/** In the order of the study's groups and strata; those without a stratum last. */
function groupsOf({ groups, eligible }: SubjectCounts, study: Study): Summary['groups'] {
  const place = ({ group, stratum }: { group: string; stratum: string | null }) => {
    const at = study.groups.findIndex((one) => one.group === group);
    const strata = study.groups[at]?.strata ?? [];
    const within = strata.findIndex((one) => one.stratum === stratum);
    return at * 1000 + (within < 0 ? 999 : within);
  };
  return groups
    .all()
    .map(({ group, stratum, people }) => ({ group, stratum, people, eligible: eligible.of({ group, stratum }) }))
    .sort((a, b) => place(a) - place(b));
}
