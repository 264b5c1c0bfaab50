import { pseudonymFor } from '../identity/pseudonym.ts';
import type { LineageRow } from '../store/research-rows.ts';
import { clustersAround } from './clusters.ts';
import { type Gateway, keysOf } from './gateway.ts';
import { readPerson } from './person.ts';
import { researchOf } from './research.ts';
import { textsOf } from './research-texts.ts';
import { stateOf } from './state.ts';

/** What a rebuilt research record shows against the stored one; names are `Type/<pseudonymous id>`. */
export interface Replay {
  equal: string[];
  /** Rebuilt, but stored with other bytes. */
  different: string[];
  /** Rebuilt, but not stored. */
  missing: string[];
  /** Stored, but not rebuilt. */
  surplus: string[];
}

/**
 * Rebuilds a subject's research record from what the hospital holds and compares it byte for byte with the stored one;
 * changes nothing. Null when there is no such subject.
 */
export async function replay(gateway: Gateway, subject: string, now: number): Promise<Replay | null> {
  return gateway.store.withTransaction(async (tx) => {
    const row = await tx.hospital.enrolment(subject);
    if (!row) return null;
    const site = gateway.sites.get(row.site)!;
    const keys = await keysOf(gateway, site.id);
    const clusters = await clustersAround(tx.hospital, site.id, row.patient);
    const person = await readPerson(tx.hospital, clusters, site.id, clusters.of(row.patient));
    const { assessment, record, standing, care } = await stateOf(gateway, tx, site, person, now);
    const pseudonyms = await tx.hospital.pseudonyms(site.id, person.cluster.members);
    const own = pseudonyms.find(({ patient }) => pseudonymFor(keys.pseudonym, 'subject', patient) === subject);
    const participant = { site, keys, record, assessment, care, standing, subject, patient: own!.pseudonym };
    const { passed } = await researchOf(gateway, participant);
    const stored = (await tx.study.researchOf(subject)).filter(({ deleted }) => !deleted);
    const bodies = new Map(stored.map((one) => [`${one.type}/${one.id}`, one]));
    const result: Replay = { equal: [], different: [], missing: [], surplus: [] };
    const compare = (name: string, body: string) => {
      const found = bodies.get(name);
      bodies.delete(name);
      if (!found) result.missing.push(name);
      else (found.body === body ? result.equal : result.different).push(name);
    };
    for (const one of passed) {
      const { name, body, provenanceId, provenance } = textsOf(one, site.id, keys, gateway.loaded.study.version);
      compare(name, body);
      const told = `Provenance/${provenanceId}`;
      compare(told, provenance(bodies.get(told)?.lastUpdated ?? ''));
    }
    result.surplus.push(...bodies.keys());
    return result;
  });
}

/** Where a research resource comes from; hospital side only, and audited. Null when nothing of that name was made. */
export async function trace(gateway: Gateway, research: string): Promise<LineageRow | null> {
  return gateway.store.withTransaction(async (tx) => {
    const at = new Date(gateway.clock()).toISOString();
    await tx.addAudit({ at, actor: gateway.actor, action: 'trace', object: research, detail: null });
    return tx.hospital.lineage(research);
  });
}
