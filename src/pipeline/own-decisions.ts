import type { Store } from '../store/store.ts';
import type { SignedDecision } from './prepare.ts';
import { ignored, type Tally } from './tally.ts';

/**
 * Of the decisions of a feed for several studies those that one of them weighs: all but those whose `focus` names a
 * subject of another. A Task does not say its study otherwise, and what is signed for one study must not enrol in two.
 * @param store of the study that is to weigh them
 * @param others the stores of the other studies of the run
 */
export async function ownDecisions(
  decisions: readonly SignedDecision[],
  store: Store,
  others: readonly Store[],
  tally: Tally,
): Promise<SignedDecision[]> {
  const own: SignedDecision[] = [];
  for (const decision of decisions) {
    if (await isOfAnother(decision.subject, store, others)) ignored(tally, 'Task', 'decision-of-another-study');
    else own.push(decision);
  }
  return own;
}

async function isOfAnother(subject: string | null, store: Store, others: readonly Store[]): Promise<boolean> {
  const knows = (one: Store) => one.read(async ({ study }) => (await study.subject(subject!)) !== null);
  if (subject === null || others.length === 0 || (await knows(store))) return false;
  for (const other of others) if (await knows(other)) return true;
  return false;
}
