import type { Refused } from '../fhir/refusal.ts';
import type { Arrival, SetAside } from '../intake/arrival.ts';
import { resourceHash } from '../scan/hash.ts';
import { HashSet } from '../scan/hash-set.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';
import type { SignedDecision } from './prepare.ts';
import { takeIn } from './take-in.ts';
import type { Tally } from './tally.ts';
import { clearUnread } from './unread.ts';

/** Takes a feed in line by line, as `takeIn`; what a scan passed over before and is read now is no longer told of. */
export async function takeInWhole(
  gateway: Gateway,
  named: Site | null,
  arrivals: AsyncIterable<Arrival | SetAside>,
  tally: Tally,
  setAside: (refused: Refused) => void,
  onResource: () => void = () => {},
): Promise<SignedDecision[]> {
  const read = new HashSet();
  const decisions = await takeIn(gateway, named, arrivals, tally, setAside, (_, prepared) => {
    if (prepared.kind === 'change') read.add(resourceHash(prepared.change.key.type, prepared.change.key.id));
    onResource();
  });
  await clearUnread(gateway.store, read);
  return decisions;
}
