import type { r4 } from '../fhir/resource.ts';
import type { SiteKeys } from '../identity/keys.ts';
import type { Content } from '../intake/content.ts';
import { follow } from '../record/references.ts';
import type { Site } from '../study/site.ts';
import { contextOf } from './prepare.ts';

/**
 * Whom a content may concern, as rows of the record name people: ids of Patients, and `?alias` of identifiers. It was
 * refused, so it may have any shape: everything in it that looks like a Patient or leads to one counts.
 * @returns sorted, each once; none of a line that is no JSON
 */
export function personsIn(content: Content, site: Site, keys: SiteKeys): string[] {
  const found = new Set<string>();
  if (content.form === 'deletion') return content.type === 'Patient' ? [content.id] : [];
  if (content.form === 'text') return [];
  const fullUrls = new Map(Object.entries('bundle' in content ? (content.bundle?.fullUrls ?? {}) : {}));
  const context = contextOf(
    { fullUrl: 'fullUrl' in content ? content.fullUrl : null, bundle: { fullUrls } },
    site,
    keys,
  );
  const note = (reference: r4.Reference) => {
    const followed = follow(reference, context);
    if (followed.kind === 'alias') found.add(`?${followed.alias}`);
    if (followed.kind === 'local' && followed.reference.startsWith('Patient/'))
      found.add(followed.reference.slice('Patient/'.length));
  };
  const look = (value: unknown, contained: boolean): void => {
    if (typeof value !== 'object' || value === null) return;
    const { resourceType, id, reference, identifier } = value as Record<string, unknown>;
    if (resourceType === 'Patient' && typeof id === 'string' && !contained) {
      found.add(id);
      note({ reference: `urn:uuid:${id}` });
    }
    if (typeof reference === 'string') note({ reference });
    for (const one of [identifier].flat()) {
      const { system, value: number } = (one ?? {}) as Record<string, unknown>;
      if (typeof number === 'string')
        note({ identifier: { system: typeof system === 'string' ? system : '', value: number } });
    }
    for (const [name, item] of Object.entries(value)) look(item, contained || name === 'contained');
  };
  look(content.form === 'value' ? content.value : content.form === 'entry' ? content.entry : content.resource, false);
  return [...found].sort();
}
