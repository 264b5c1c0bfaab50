import type { FhirResource } from '../fhir/resource.ts';
import type { Site } from '../study/site.ts';
import { modifierIn } from './modifier.ts';
import { prune } from './prune.ts';
import { rankOf } from './rank.ts';
import { type ReferenceContext, rewriteReferences } from './references.ts';

/** What a checked resource of a hospital is to every study alike: worked out when the first asks. */
export class OnceRead {
  #resource: FhirResource;
  #timezone: string;
  #several: boolean;
  #modifier: string | null | undefined;
  #rank: ReturnType<typeof rankOf> | null = null;
  #body: FhirResource | null = null;

  /** @param several whether more than one study will ask: else no body is held longer than it is wanted */
  constructor(resource: FhirResource, { timezone }: Pick<Site, 'timezone'>, several = false) {
    this.#resource = resource;
    this.#timezone = timezone;
    this.#several = several;
  }

  /** Where a modifier stands that is not understood, as the end of a path; null where there is none. */
  modifier(): string | null {
    if (this.#modifier === undefined) this.#modifier = modifierIn(this.#resource);
    return this.#modifier;
  }

  rank(): ReturnType<typeof rankOf> {
    this.#rank ??= rankOf(this.#resource, this.#timezone);
    return this.#rank;
  }

  /** What is kept of it. Not to be changed: several studies may have the same. */
  body(context: ReferenceContext): FhirResource {
    if (!this.#several) return prune(rewriteReferences(this.#resource, context));
    if (this.#body !== null) return this.#body;
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
    const made = prune(rewriteReferences(this.#resource, watched));
    if (!aliased) this.#body = made;
    return made;
  }
}
