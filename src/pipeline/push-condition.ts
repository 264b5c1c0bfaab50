import type { HospitalTables } from '../store/store.ts';

/** What a write asks for first (R4, http.html: If-Match, If-None-Exist, conditional update). */
export type Precondition =
  | { kind: 'version'; type: string; id: string; revision: number }
  | { kind: 'none-exists'; type: string; system: string; value: string }
  /** A conditional update was resolved to these ids; they must still be so. */
  | { kind: 'still'; type: string; system: string; value: string; ids: readonly string[] };

/** Why a write was not made. */
export interface Unmet {
  kind: 'unmet';
  /** `exists`: a conditional create found one, which is no failure; the others are 412, `moved` 409. */
  why: 'version' | 'several' | 'exists' | 'moved';
  /** Of `version`: the counter as it is; of `exists`: the resource that is there. */
  type: string;
  id: string | null;
  revision: number | null;
}

/** A token of a search, `system|value` (R4, search.html#token). */
export function splitToken(token: string): [system: string, value: string] {
  const at = token.indexOf('|');
  return at < 0 ? ['', token] : [token.slice(0, at), token.slice(at + 1)];
}

/** Asks inside the transaction; null when the condition holds. */
export async function conditionOf(
  hospital: HospitalTables,
  site: string,
  condition: Precondition,
  hashes: { identifier(system: string, value: string): string; id(type: string, id: string): string },
): Promise<Unmet | null> {
  const { type } = condition;
  if (condition.kind === 'version') {
    const { id } = condition;
    const known =
      (await hospital.record({ site, type, id })) ?? (await hospital.dropped(site, type, hashes.id(type, id)));
    const revision = known?.revision ?? null;
    return revision === condition.revision ? null : { kind: 'unmet', why: 'version', type, id, revision };
  }
  const found = await hospital.idsWithIdentifier(site, type, hashes.identifier(condition.system, condition.value));
  if (condition.kind === 'still') {
    const same = found.join() === condition.ids.join();
    return same ? null : { kind: 'unmet', why: 'moved', type, id: null, revision: null };
  }
  if (found.length === 0) return null;
  if (found.length > 1) return { kind: 'unmet', why: 'several', type, id: null, revision: null };
  const record = await hospital.record({ site, type, id: found[0]! });
  return { kind: 'unmet', why: 'exists', type, id: found[0]!, revision: record?.revision ?? null };
}
