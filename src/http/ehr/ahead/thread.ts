import { parentPort, workerData } from 'node:worker_threads';
import { createShapeCheck } from '../../../fhir/shape/check.ts';
import type { Keys, SiteKeys } from '../../../identity/keys.ts';
import { answerOn } from '../../../operations/answering.ts';
import type { FromThread } from '../../../operations/asked-thread.ts';
import { type LoadedStudy, loadStudy } from '../../../study/load.ts';
import { loadSites, type Site } from '../../../study/site.ts';
import { markOf } from './marks.ts';
import { type About, type Packed, pack } from './plain.ts';
import type { Ask, Said, ThreadData } from './pool.ts';
import { readPlain } from './read.ts';

/** A thread that reads one Bundle after the other, with study and sites as the service has them, and no store. */
const port = parentPort!;
const { studyFolder, sitesFolder, marks, limits } = workerData as ThreadData;

const say = (said: Said) => port.postMessage({ said } satisfies FromThread<Packed, Said>);
const keysOfSites = new Map<string, Buffer>();

/** Of the keys of a site only that of identifier hashes is here: nothing is sealed in this thread. */
function keysFor({ site, identifierHash }: About): Keys {
  const known = keysOfSites.get(site) ?? Buffer.from(identifierHash);
  keysOfSites.set(site, known);
  const keys = { identifierHash: known } as SiteKeys;
  const own = async () => keys;
  return { study: '', of: own, existing: own };
}

async function read(
  { bytes, about }: Ask,
  loaded: LoadedStudy,
  sites: ReadonlyMap<string, Site>,
): Promise<Packed | null> {
  const { site, base, at } = about;
  const clock = () => Date.parse(at);
  const gateway = { shape: createShapeCheck(), sites, keys: keysFor(about), loaded, clock };
  const plain = await readPlain(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    ...{ site: sites.get(site)!, base, gateway, limits },
  });
  return plain && pack(plain);
}

const [loaded, sites] = [await loadStudy(studyFolder), await loadSites(sitesFolder)];
if (
  loaded.ok &&
  sites.ok &&
  (await markOf(studyFolder)) === marks.study &&
  (await markOf(sitesFolder)) === marks.sites
) {
  answerOn<Ask, Packed | null>(port, async (ask) => ({ answer: await read(ask, loaded.value, sites.value) }));
  say('ready');
} else say('stale');
