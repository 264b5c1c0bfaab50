import type { Transaction } from '../store/store.ts';
import type { ResearchCounts } from './summary.ts';

/** Counts what stands on the study side, and what is held back. */
export async function researchCounts(tx: Transaction): Promise<ResearchCounts> {
  const resources: Record<string, number> = {};
  const participants: Record<string, number> = {};
  let people = 0;
  for (const { id } of await tx.study.subjects()) {
    const standing = (await tx.study.researchOf(id)).filter(({ deleted, type }) => !deleted && type !== 'Provenance');
    if (standing.length > 0) people++;
    for (const { type } of standing) resources[type] = (resources[type] ?? 0) + 1;
  }
  for (const { group, voided } of await tx.study.numbers()) {
    if (voided === null) participants[group] = (participants[group] ?? 0) + 1;
  }
  const sorted = (counts: Record<string, number>) => Object.fromEntries(Object.entries(counts).sort());
  return {
    people,
    resources: sorted(resources),
    held: (await tx.hospital.held()).length,
    participants: sorted(participants),
  };
}
