import type { Store, SubjectRow } from '../store/store.ts';
import type { ResearchCounts } from './summary.ts';

/** ResearchSubjects read from the store at a time. */
const PAGE = 100;

/** Walks the ResearchSubjects by id, a page at a time. */
export async function* eachSubject(store: Store): AsyncGenerator<SubjectRow> {
  for (let id = ''; ; ) {
    const after = id;
    const rows = await store.read(({ study }) => study.subjectsAfter(after, PAGE));
    yield* rows;
    if (rows.length < PAGE) return;
    id = rows.at(-1)!.id;
  }
}

/** Counts what stands on the study side, and what is held back. */
export async function researchCounts(store: Store): Promise<ResearchCounts> {
  const resources: Record<string, number> = {};
  const participants: Record<string, number> = {};
  let people = 0;
  for await (const { id } of eachSubject(store)) {
    const all = await store.read(({ study }) => study.researchOf(id));
    const standing = all.filter(({ deleted, type }) => !deleted && type !== 'Provenance');
    if (standing.length > 0) people++;
    for (const { type } of standing) resources[type] = (resources[type] ?? 0) + 1;
  }
  const [numbers, held] = await store.read(
    async ({ study, hospital }) => [await study.numbers(), await hospital.held()] as const,
  );
  for (const { group, voided } of numbers) {
    if (voided === null) participants[group] = (participants[group] ?? 0) + 1;
  }
  const sorted = (counts: Record<string, number>) => Object.fromEntries(Object.entries(counts).sort());
  return { people, resources: sorted(resources), held: held.length, participants: sorted(participants) };
}
