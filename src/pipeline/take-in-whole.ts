import type { Arrival, SetAside } from '../intake/arrival.ts';
import { resourceHash } from '../scan/hash.ts';
import { HashSet } from '../scan/hash-set.ts';
import type { Site } from '../study/site.ts';
import type { SignedDecision } from './prepare.ts';
import { ofStudy } from './study-fault.ts';
import { type TakingIn, takeInEach } from './take-in.ts';
import type { Taking } from './taker.ts';
import { clearUnread } from './unread.ts';

/**
 * Takes a feed into studies line by line, read once; what a scan passed over before and is read now is no longer told
 * of.
 * @returns the decisions of each study that came with it, still to be weighed (decideAll)
 */
export async function takeInWhole(
  takings: readonly Taking[],
  named: Site | null,
  arrivals: AsyncIterable<Arrival | SetAside>,
  onRead: () => void = () => {},
): Promise<SignedDecision[][]> {
  const read = takings.map(() => new HashSet());
  const hear: TakingIn['hear'] = (at, _, prepared) => {
    if (prepared.kind === 'change') read[at]!.add(resourceHash(prepared.change.key.type, prepared.change.key.id));
  };
  const decisions = await takeInEach(takings, named, arrivals, { hear, onRead });
  for (const [at, hashes] of read.entries())
    await ofStudy(takings, at, ({ gateway }) => clearUnread(gateway.store, hashes));
  return decisions;
}
