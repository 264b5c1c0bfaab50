import { gzipSync } from 'node:zlib';
import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import { plain } from './builders.ts';
import { historyBundle, searchsetBundle, transactionBundle } from './bundles.ts';
import { collected } from './collected.ts';
import { damagedLines } from './damaged.ts';
import { playScript } from './decisions.ts';
import { type FeedPerson, type Told, tellAll } from './people.ts';
import { SITE_IDS, SITES, type SiteId } from './sites.ts';
import type { Packaging } from './story.ts';

export type { FeedPerson } from './people.ts';

export interface Feed {
  /** File name → content. Read in the order of the names, evidence comes before its patients. */
  files: Record<string, string | Uint8Array>;
  people: FeedPerson[];
  /** Number of lines that must be quarantined, damaged or a refused decision; everything else is sound. */
  quarantined: number;
}

/** Sites that send one file for each type; the others send everything in one. */
const BY_TYPE: readonly SiteId[] = ['nf', 'ya', 'zn'];
const GZIPPED = 'ya-Observation.ndjson';
const OS_BYTE = 9;
const OS_UNKNOWN = 255;

const ndjson = (resources: readonly object[]) => resources.map((each) => `${JSON.stringify(each)}\n`).join('');
const json = (resource: object) => `${JSON.stringify(resource)}\n`;

/** Gzip with neither time nor operating system in its header. */
function gzip(text: string): Uint8Array {
  const bytes = gzipSync(text);
  bytes[OS_BYTE] = OS_UNKNOWN;
  return new Uint8Array(bytes);
}

const organization = (id: SiteId): FhirResource =>
  plain({
    resourceType: 'Organization',
    id: `${id}-org`,
    meta: {
      versionId: '1',
      lastUpdated: '2025-05-01T00:00:00.000+08:00',
      source: SITES[id].fhirBase,
    } satisfies r4.Meta,
    name: `Synthetic hospital ${id}`,
  });

function bulkFiles(site: SiteId, resources: readonly FhirResource[]): [name: string, text: string][] {
  if (!BY_TYPE.includes(site)) return [[`${site}-export.ndjson`, ndjson(resources)]];
  const types = [...new Set(resources.map((each) => each.resourceType))].sort();
  return types.map((type) => [
    `${site}-${type}.ndjson`,
    ndjson(resources.filter((each) => each.resourceType === type)),
  ]);
}

/** Resources of the people packed in one way, and the site they share. */
function packed(told: readonly Told[], packaging: Packaging): { site: SiteId; resources: FhirResource[] } {
  const those = told.filter((each) => each.story.packaging === packaging);
  const sites = new Set(those.map((each) => each.person.site));
  const [site] = sites;
  if (site === undefined || sites.size > 1) throw new Error(`the ${packaging} stories must share one site`);
  return { site, resources: those.flatMap((each) => each.resources) };
}

/**
 * The demo feed: synthetic people of five hospitals in the packages that hospitals use.
 * The same options give the same files, byte for byte (gzip: the same content).
 * `variants` adds the stories that only move a bound or a code, for tests that want all.
 */
export function generateFeed(options: { seed: string; variants?: boolean }): Feed {
  const told = tellAll(options.seed, options.variants ?? false);
  const files: Feed['files'] = { 'a-Organization.ndjson': ndjson(SITE_IDS.map(organization)) };

  const isPatient = (resource: FhirResource) => resource.resourceType === 'Patient';
  const pretty = packed(told, 'pretty').resources;
  for (const site of SITE_IDS) {
    const here = told.filter((each) => each.person.site === site);
    const bulk = here.flatMap(({ story, resources }) => {
      if (story.packaging === 'pretty') return resources.filter((each) => !isPatient(each));
      return (story.packaging ?? 'bulk') === 'bulk' ? resources : [];
    });
    for (const [name, text] of bulkFiles(site, bulk)) {
      if (name === GZIPPED) files[`${name}.gz`] = gzip(text);
      else files[name] = text;
    }
  }
  files['pretty-Patient.json'] = `${JSON.stringify(pretty.find(isPatient), null, 2)}\n`;

  const transaction = packed(told, 'transaction');
  files['transaction.json'] = json(transactionBundle(SITES[transaction.site], transaction.resources));
  const searchset = packed(told, 'searchset');
  files['searchset.json'] = json(searchsetBundle(SITES[searchset.site], searchset.resources));
  const history = packed(told, 'history');
  const deleting = told.filter((each) => each.story.deleted !== undefined);
  if (deleting.some((each) => each.person.site !== history.site))
    throw new Error('deletions belong to the history site');
  const deleted = deleting.flatMap((each) => each.story.deleted!(each.resources));
  files['x-history.json'] = json(historyBundle(SITES[history.site], history.resources, deleted));

  const late = told.flatMap((each) => each.story.redelivered?.(each.resources) ?? []);
  files['y-redelivered.ndjson'] = ndjson(late);
  files['y-collected.ndjson'] = ndjson(collected(told, options.seed));
  const damaged = damagedLines();
  files['z-damaged.ndjson'] = damaged.map(({ line }) => `${line}\n`).join('');
  const script = playScript(told);
  files['zz-decisions.ndjson'] = ndjson(script.tasks);
  return { files, people: told.map((each) => each.person), quarantined: damaged.length + script.refused };
}
