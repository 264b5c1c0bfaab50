import type { FhirResource } from '../fhir/resource.ts';
import type { ArrivedDeletion, ArrivedResource, BundleContext } from './arrival.ts';

/** What a Bundle tells about one entry; of its fullUrls only those that the entry names. */
export interface FromBundle {
  type: string;
  timestamp: string | null;
  source: string | null;
  fullUrls: Readonly<Record<string, string>>;
}

/**
 * What was refused, as plain JSON: enough to bring it in again (`arrivalsAgain`). It may say who somebody is, so it goes
 * into the store sealed, and nowhere else.
 */
export type Content =
  /** A line that is no JSON. */
  | { form: 'text'; text: string }
  /** A JSON value: no resource, or a whole Bundle. */
  | { form: 'value'; value: unknown }
  /** An entry of a Bundle that brings nothing to take in. */
  | { form: 'entry'; entry: unknown; bundle: FromBundle }
  | { form: 'resource'; resource: FhirResource; fullUrl: string | null; bundle: FromBundle | null }
  | ({ form: 'deletion'; bundle: FromBundle | null } & Pick<
      ArrivedDeletion,
      'type' | 'id' | 'at' | 'versionId' | 'fullUrl'
    >);

/** The content of a resource or deletion that was read well and is refused for what it says. */
export function contentOf(arrival: ArrivedResource | ArrivedDeletion): Content {
  const { fullUrl } = arrival;
  if (arrival.kind === 'deletion') {
    const { type, id, at, versionId } = arrival;
    return { form: 'deletion', type, id, at, versionId, fullUrl, bundle: arrival.bundle && from(arrival.bundle, null) };
  }
  const { resource, bundle } = arrival;
  return { form: 'resource', resource, fullUrl, bundle: bundle && from(bundle, resource) };
}

/** The content of an entry that is refused for what it is. */
export function contentOfEntry(entry: unknown, bundle: BundleContext): Content {
  return { form: 'entry', entry, bundle: from(bundle, entry) };
}

function from({ type, timestamp, source, fullUrls }: BundleContext, content: unknown): FromBundle {
  const named = new Map<string, string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string') {
      for (const url of [value, value.replace(/\/_history\/[^/]+$/, '')]) {
        const found = fullUrls.get(url);
        if (found) named.set(url, found);
      }
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
  };
  if (fullUrls.size > 0) look(content);
  return { type, timestamp, source, fullUrls: Object.fromEntries(named) };
}
