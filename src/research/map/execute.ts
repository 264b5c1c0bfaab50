import type { FhirResource } from '../../fhir/resource.ts';
import { MAP_REFUSALS, type MapContext, type MapRefusal, type MapRefusalCode } from './language.ts';
import type { Maps } from './load.ts';
import type { Run } from './run.ts';
import { finished } from './target.ts';

export type Mapped =
  | {
      ok: true;
      value: FhirResource;
      /** JSON paths of the source that no rule of the map reads, without indices (`Observation.note`), sorted. */
      unread: string[];
      /** What had no translation or pseudonym: `<ConceptMap>: <system>|<code>`, `pseudonym <kind>: <place>`. Sorted. */
      unmatched: string[];
    }
  | { ok: false; refusals: MapRefusal[] };

/**
 * Makes a resource out of another by a map. Pure: the same maps, source and answers of the context give the same
 * resource, elements and properties in the order in which the rules make them. Only what the map names is in it.
 * @param mapUrl url of one of the maps
 * @param source a resource of the shape of R4 (what has not is refused where the map reads it)
 */
export function execute(maps: Maps, mapUrl: string, source: FhirResource, context: MapContext): Mapped {
  const map = maps.executable(mapUrl);
  if (!map) return refused(maps.urls.includes(mapUrl) ? 'map-not-executable' : 'map-unknown', null);
  if (source.resourceType !== map.sourceType) return refused('source-type', map.file);
  const run: Run = { context, refusals: [], unmatched: new Set(), shared: new Map() };
  const target: FhirResource = { resourceType: map.targetType };
  map.instance.body([source, target], run);
  if (run.refusals.length > 0) return { ok: false, refusals: run.refusals };
  return {
    ok: true,
    value: (finished(target) ?? { resourceType: map.targetType }) as FhirResource,
    unread: map.reads.unread(source),
    unmatched: [...run.unmatched].sort(),
  };
}

function refused(code: MapRefusalCode, file: string | null): Mapped {
  return { ok: false, refusals: [{ code, file, line: null, path: '', message: MAP_REFUSALS[code] }] };
}
