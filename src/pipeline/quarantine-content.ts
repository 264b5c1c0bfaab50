import type { Content } from '../intake/content.ts';
import { siteOf } from '../record/change.ts';
import type { Site } from '../study/site.ts';
import type { Gateway } from './gateway.ts';

/** The hospital under whose FHIR base the content says that it comes from. */
export function siteIn(content: Content, sites: Gateway['sites']): Site | null {
  const sources = sourcesIn(content).map((source) => (typeof source === 'string' ? source : null));
  const site = siteOf(sources, null, sites);
  return 'reason' in site ? null : site;
}

// Of any shape: that may be why it was refused.
function sourcesIn(content: Content): unknown[] {
  const sourceOf = (resource: unknown) => (resource as { meta?: { source?: unknown } | null } | null)?.meta?.source;
  switch (content.form) {
    case 'text':
      return [];
    case 'value':
      return [sourceOf(content.value)];
    case 'entry': {
      const entry = content.entry as { resource?: unknown; fullUrl?: unknown } | null;
      return [sourceOf(entry?.resource), content.bundle.source, entry?.fullUrl];
    }
    case 'resource':
      return [sourceOf(content.resource), content.bundle?.source, content.fullUrl];
    case 'deletion':
      return [content.bundle?.source, content.fullUrl];
  }
}

/** What makes it the same thing when it arrives again, wrapped in another Bundle perhaps. */
export function whatItIs(content: Content): unknown {
  switch (content.form) {
    case 'text':
      return content.text;
    case 'value':
      return content.value;
    case 'entry':
      return content.entry;
    case 'resource':
      return content.resource;
    case 'deletion':
      return [content.type, content.id, content.at, content.versionId];
  }
}

/** Whether a value has so few characters, members and numbers that it is worth to be written as JSON. */
export function isRoughlyWithin(value: unknown, most: number): boolean {
  let left = most;
  const take = (one: unknown): boolean => {
    left -= typeof one === 'string' ? one.length : 1;
    if (left < 0) return false;
    if (typeof one !== 'object' || one === null) return true;
    return Object.entries(one).every(([name, item]) => take(name) && take(item));
  };
  return take(value);
}
