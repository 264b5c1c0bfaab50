import type { Refused } from '../fhir/refusal.ts';
import type { FhirResource } from '../fhir/resource.ts';
import type { Arrival } from '../intake/arrival.ts';
import { screenAll } from '../pipeline/screen.ts';
import { takeIn } from '../pipeline/take-in.ts';
import { emptyTally } from '../pipeline/tally.ts';
import { clockOf } from './clock.ts';
import { CannotStart } from './exit.ts';
import { type OpenOptions, openDefinitions, withGateway } from './open.ts';

/** Takes resources that a person made (a filled form) in as any feed's, and screens. What is refused ends the command. */
export async function takeInResources(
  resources: readonly FhirResource[],
  options: OpenOptions & { asOf?: string },
): Promise<void> {
  const definitions = await openDefinitions(options);
  const now = clockOf(options.asOf, definitions.loaded.study.timezone, Date.now());
  await withGateway(definitions, options, async (gateway) => {
    const refused: Refused[] = [];
    await takeIn(gateway, null, arrivals(resources), emptyTally(), (one) => refused.push(one));
    if (refused.length > 0)
      throw new CannotStart(refused.map(({ reason, message }) => `${reason}: ${message}`).join('\n'));
    await screenAll(gateway, now);
  });
}

async function* arrivals(resources: readonly FhirResource[]): AsyncGenerator<Arrival> {
  for (const resource of resources) {
    yield { kind: 'resource', place: { file: 'form', line: null, entry: null }, resource, fullUrl: null, bundle: null };
  }
}
