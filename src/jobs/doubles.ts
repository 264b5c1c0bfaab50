import type { TargetClient } from '../delivery/client.ts';
import { ownIdOf } from '../delivery/identity.ts';
import { type DeliveryRefusal, isDeliveryRefusal } from '../delivery/refusal.ts';
import type { FhirResource } from '../fhir/resource.ts';

/**
 * Removes what a target has twice of one resource of ours: two requests that crossed there may both have made one. The
 * one we know stays, else the oldest.
 * @param known id at the target
 * @returns how many were removed
 */
export async function removeDoubles(
  client: TargetClient,
  { type, id }: { type: string; id: string },
  known: string | null,
): Promise<number | DeliveryRefusal> {
  const found = await client.find(type, [id]);
  if (isDeliveryRefusal(found)) return found;
  return removeAllButOne(
    client,
    type,
    found.filter((one) => ownIdOf(one) === id),
    known,
  );
}

/** As `removeDoubles`, of what was found already. */
export async function removeAllButOne(
  client: TargetClient,
  type: string,
  found: readonly FhirResource[],
  known: string | null,
): Promise<number | DeliveryRefusal> {
  const age = (one: FhirResource) => `${one.meta?.lastUpdated ?? ''} ${one.id}`;
  const [, ...others] = [...found].sort((a, b) =>
    a.id === known ? -1 : b.id === known ? 1 : age(a) < age(b) ? -1 : 1,
  );
  for (const other of others) {
    const refused = await client.remove(type, other.id!);
    if (refused) return refused;
  }
  return others.length;
}
