import type { FhirResource } from '../../../fhir/resource.ts';
import { idHash } from '../../../identity/alias.ts';
import type { SiteKeys } from '../../../identity/keys.ts';
import { arrivalsOf } from '../../../intake/bundle.ts';
import { isObject } from '../../../intake/json.ts';
import { type PreparedChange, type Preparing, prepare } from '../../../pipeline/prepare.ts';
import type { Site } from '../../../study/site.ts';
import { READ_TYPES } from '../../../views/hospital-fhir.ts';
import { type BodyLimits, parseBody } from '../../limits.ts';
import { isRefusal } from '../../respond.ts';
import { readEntries } from '../entries.ts';
import type { PlainBundle, PlainEntry } from './plain.ts';

/** What must be asked of the store, or answered with more than a change. */
class NotPlain extends Error {}

const notPlain = (): never => {
  throw new NotPlain();
};

/** Of these types some are ours: that is to be looked up. */
const isMadeHere = async (type: string) => (READ_TYPES as readonly string[]).includes(type) && notPlain();

/**
 * Reads a Bundle without the store, as `takeBundle` does: text, entries, shape, what is needed, what is kept. Pure.
 * @param bytes the body of the request
 * @returns null when anything of it is refused, conditional, a form or a decision: then it is to be read with the store
 */
export async function readPlain(
  bytes: Buffer,
  {
    site,
    base,
    gateway,
    limits,
  }: { site: Site; base: string; gateway: Preparing; limits: Pick<BodyLimits, 'maxDepth' | 'maxEntries'> },
): Promise<PlainBundle | null> {
  const read = parseBody(bytes, limits);
  if (!read.ok || !isObject(read.value) || read.value.resourceType !== 'Bundle') return null;
  const bundle = read.value;
  const place = { file: '', line: null, entry: null };
  try {
    const entries = await readEntries(bundle, { shape: gateway.shape, site, base, idsWith: notPlain, isMadeHere });
    if (isRefusal(entries) || entries.some(({ refusal, condition }) => refusal || condition)) return null;
    const arrivals = arrivalsOf({ ...(bundle as FhirResource), entry: entries.map(({ entry }) => entry) }, place, true);
    const texts: string[] = [];
    const plain: PlainEntry[] = [];
    for (const arrival of arrivals) {
      const prepared = await prepare(gateway, site, arrival);
      if (prepared.kind !== 'change') return null;
      plain.push(plainEntry(entries[plain.length]!.method, prepared, texts));
    }
    return plain.length === entries.length ? { type: String(bundle.type), entries: plain, texts } : null;
  } catch (error) {
    if (error instanceof NotPlain) return null;
    throw error;
  }
}

function plainEntry(method: PlainEntry['method'], { change, keys }: PreparedChange, texts: string[]): PlainEntry {
  const { body, identifiers, ...rest } = change;
  const kept = change.need.needed && !change.deleted;
  if (kept) texts.push(JSON.stringify(body()));
  return {
    method,
    change: rest,
    idHash: change.need.reason === 'type-not-needed' ? null : hashOf(change, keys),
    identifiers: kept ? identifiers() : [],
    text: kept ? texts.length - 1 : null,
  };
}

const hashOf = ({ key }: PreparedChange['change'], { identifierHash }: SiteKeys) =>
  idHash(identifierHash, key.type, key.id);
