import { createHash } from 'node:crypto';
import { canonicalJson } from '../../fhir/canonical.ts';
import type { MapSyntax } from '../map/syntax.ts';
import type { Terms } from './terms.ts';

/** A map as it is written and as it was read. */
export interface MapText {
  file: string;
  text: string;
  syntax: MapSyntax;
}

/**
 * The version of a map: its name, `@` and the first 12 hexadecimal digits of SHA-256 over what decides its results –
 * its text, the texts of what it imports, the ValueSets these name, and the ConceptMaps.
 */
export function mapVersion(map: MapText, all: readonly MapText[], terms: Terms): string {
  const urls = new Set([map.syntax.url]);
  // A Set is iterated over what is added on the way, so imports of imports are found too.
  for (const url of urls) {
    for (const one of all.find(({ syntax }) => syntax.url === url)?.syntax.imports ?? []) urls.add(one.url);
  }
  const texts = [...urls].sort().map((url) => all.find(({ syntax }) => syntax.url === url)?.text ?? '');
  const named = [...terms.setSources].filter(([id]) => texts.some((text) => text.includes(`'${id}'`)));
  const sets = named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
  const hash = createHash('sha256').update(canonicalJson([texts, sets, terms.conceptMapSources]), 'utf8');
  return `${map.syntax.name}@${hash.digest('hex').slice(0, 12)}`;
}
