import type { FhirResource } from '../fhir/resource.ts';
import type { Site } from '../study/site.ts';
import { modifierIn } from './modifier.ts';
import { prune } from './prune.ts';
import { rankOf } from './rank.ts';
import { type ReferenceContext, rewriteReferences } from './references.ts';

/** What a resource is to every study alike: worked out when the first asks. */
export interface OnceRead {
  /** Where a modifier stands that is not understood, as the end of a path; null where there is none. */
  modifier(): string | null;
  rank(): ReturnType<typeof rankOf>;
  /** What is kept of it. Not to be changed: several studies may have the same. */
  body(context: ReferenceContext): FhirResource;
}

/** Reads a checked resource of a hospital once for several studies. */
export function readOnce(resource: FhirResource, { timezone }: Pick<Site, 'timezone'>): OnceRead {
  let modifier: string | null | undefined;
  let rank: ReturnType<typeof rankOf> | null = null;
  let body: FhirResource | null = null;
  return {
    modifier() {
      if (modifier === undefined) modifier = modifierIn(resource);
      return modifier;
    },
    rank() {
      rank ??= rankOf(resource, timezone);
      return rank;
    },
    body(context) {
      if (body !== null) return body;
      // Aliases are made with a study's keys; a body without any is made of the resource and its arrival alone.
      let aliased = false;
      const seen = <A extends string[]>(make: (...args: A) => string) => {
        return (...args: A) => {
          aliased = true;
          return make(...args);
        };
      };
      const { identifierAlias, urnAlias } = context;
      const watched = { ...context, identifierAlias: seen(identifierAlias), urnAlias: seen(urnAlias) };
      const made = prune(rewriteReferences(resource, watched));
      if (!aliased) body = made;
      return made;
    },
  };
}
