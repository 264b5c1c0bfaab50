import type { Place, Refused } from '../fhir/refusal.ts';
import type { FhirResource } from '../fhir/resource.ts';
import type { Content } from './content.ts';

/** What the entries of one Bundle share. */
export interface BundleContext {
  type: string;
  /** Bundle.timestamp, else Bundle.meta.lastUpdated. */
  timestamp: string | null;
  /** Bundle.meta.source */
  source: string | null;
  /** `fullUrl` of each entry → `Type/id` given to that entry's resource; lets `urn:uuid:` references be followed. */
  fullUrls: ReadonlyMap<string, string>;
}

/** One resource as it arrived: parsed JSON object with a string `resourceType`; shape not yet checked. */
export interface ArrivedResource {
  kind: 'resource';
  place: Place;
  resource: FhirResource;
  fullUrl: string | null;
  bundle: BundleContext | null;
}

/** A deletion: Bundle entry with `request.method` DELETE (transaction, batch, history). */
export interface ArrivedDeletion {
  kind: 'deletion';
  place: Place;
  type: string;
  id: string;
  /** entry.response.lastModified, else the Bundle's timestamp; null when neither is given. */
  at: string | null;
  /** Version named by entry.response.etag (`W/"3"` → `3`). */
  versionId: string | null;
  fullUrl: string | null;
  bundle: BundleContext | null;
}

/** Something read and rightly passed over (a GET entry, an OperationOutcome of a searchset …). */
export interface PassedOver {
  kind: 'passed-over';
  place: Place;
  type: string;
  reason: string;
}

/**
 * A refusal with what was refused, where that could be read as text. It is a function so that whoever writes a refusal
 * down as it is, a log perhaps, does not write that down too.
 */
export interface SetAside extends Refused {
  content?: () => Content;
}

export type Arrival = ArrivedResource | ArrivedDeletion | PassedOver;
