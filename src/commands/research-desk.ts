import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResearchDesk } from '../pipeline/gateway.ts';
import { createConformance } from '../research/conformance/check.ts';
import { loadProfiles } from '../research/conformance/profiles.ts';
import { createDeriver } from '../research/derive/derive.ts';
import { loadMappings } from '../research/derive/load.ts';
import { rememberingDeriver } from '../research/derive/memory.ts';
import { CannotStart } from './exit.ts';
import { faultLines } from './fault-lines.ts';
import { HOME } from './place.ts';

/** Research resources remembered for each site: tens of megabytes. */
const MOST_DERIVED = 10_000;

/**
 * Maps and profiles, the project's own and what the study overrides.
 * @param folder the study's
 * @param remember for who asks again and again for the same people: what was derived takes memory
 * @throws CannotStart when they have mistakes
 */
export async function loadResearchDesk(folder: string, remember: boolean): Promise<ResearchDesk> {
  const mappings = await loadMappings(HOME, folder);
  const own = join(folder, 'profiles');
  const overridden = await stat(own)
    .then(() => [own])
    .catch(() => []);
  const profiles = await loadProfiles(join(HOME, 'profiles'), ...overridden);
  for (const read of [mappings, profiles]) {
    if (!read.ok) throw new CannotStart(`Maps or profiles have mistakes:\n${faultLines(read.faults)}`);
  }
  if (!mappings.ok || !profiles.ok) throw new Error('unreachable');
  const conformance = createConformance(profiles.value);
  const version = [...mappings.value.byType.values()].map((map) => map.version).join(' ');
  const deriver = createDeriver({ mappings: mappings.value, conformance });
  return { deriver: remember ? rememberingDeriver(deriver, MOST_DERIVED) : deriver, version };
}
