import type { Words } from '../study/model.ts';
import type { FlagRaised } from './assessment.ts';
import { evidenceOf, resourcesIn } from './evidence.ts';
import type { Session } from './session.ts';
import type { Sets } from './sets.ts';

export interface Grouping {
  group: string | null;
  groups: string[];
  stratum: string | null;
  basis: string | null;
  stratumMissing: Words | null;
  /** Another measure would give another stratum. */
  disagrees: boolean;
}

/** All groups that qualify, the first of them assigned; its stratum by the first measure that grades. */
export function groupOf(session: Session, sets: Sets): Grouping {
  const qualifying = session.study.groups.filter(
    (group) => resourcesIn(sets.select(group.expression).items).length > 0,
  );
  const groups = qualifying.filter((group) => !group.onlyAlone || qualifying.length === 1);
  const assigned = groups[0];
  if (!assigned) return { group: null, groups: [], stratum: null, basis: null, stratumMissing: null, disagrees: false };
  const graded = assigned.strata.filter((stratum) => resourcesIn(sets.select(stratum.expression).items).length > 0);
  const first = graded[0];
  // Two newest results by one method that grade differently settle nothing.
  const settled = first && graded.every((other) => other.basis !== first.basis || other.stratum === first.stratum);
  return {
    group: assigned.group,
    groups: groups.map((group) => group.group),
    stratum: settled ? first.stratum : null,
    basis: settled ? first.basis : null,
    stratumMissing: settled || assigned.strata.length === 0 ? null : assigned.stratumMissing,
    disagrees: new Set(graded.map((stratum) => stratum.stratum)).size > 1,
  };
}

/** Flags of the study that apply; they may ask for the group. */
export function flagsOf(session: Session, sets: Sets, grouping: Grouping): FlagRaised[] {
  sets.add('group', grouping.group ?? []);
  sets.add('groups', grouping.groups);
  sets.add('stratumDisagrees', grouping.disagrees);
  return session.study.flags.flatMap(({ flag, words, asks, expression }) => {
    const resources = resourcesIn(sets.select(expression).items);
    return resources.length > 0 ? [{ flag, words, asks, evidence: resources.map(evidenceOf) }] : [];
  });
}
