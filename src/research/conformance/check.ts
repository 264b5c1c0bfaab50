import type { FhirResource } from '../../fhir/resource.ts';
import { createShapeCheck, type ShapeCheck } from '../../fhir/shape/check.ts';
import type { ConformanceFault } from './fault.ts';
import { notPassing } from './pass.ts';
import type { Profiles } from './profiles.ts';
import { createRules } from './rules.ts';

export { CONFORMANCE_FAULTS, type ConformanceCode, type ConformanceFault } from './fault.ts';
export { compileProfiles, loadProfiles, type Profile, type Profiles } from './profiles.ts';

/** Says whether a research resource may leave the hospital. */
export interface Conformance {
  /** Its faults; none means it may. Never throws on parsed JSON, however odd. Messages repeat no value. */
  check(resource: FhirResource): ConformanceFault[];
}

/**
 * The check of what goes out, each step only on what passed the one before: the shape of R4, our own allow-list
 * (default deny), cardinalities and invariants. Reads the JSON schema and indexes the definitions once (0.5 s).
 */
export function createConformance(profiles: Profiles, shape: ShapeCheck = createShapeCheck()): Conformance {
  const rules = createRules(profiles);
  return {
    check(resource) {
      const profile = profiles.byType.get(resource.resourceType);
      if (!profile) return [{ code: 'type', expression: 'Resource', message: NO_PROFILE }];
      const misshapen = shape.check(resource);
      if (misshapen.length > 0) {
        return misshapen.map(({ expression, message }) => ({
          code: 'shape',
          expression: expression ?? resource.resourceType,
          message,
        }));
      }
      const refused = notPassing(resource, profile.allowed, profile.name);
      return refused.length > 0 ? refused : rules(resource);
    },
  };
}

const NO_PROFILE = 'No profile lets resources of this type pass. Leave it out in the map, or write a profile for it.';
