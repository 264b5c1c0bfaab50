import type { Gateway } from '../../src/pipeline/gateway.ts';
import type { Screening } from '../../src/pipeline/screen.ts';
import type { SubjectRow } from '../../src/store/store.ts';
import type { WorklistRow } from '../../src/views/worklist.ts';
import { hearAll, rowsOf } from './heard.ts';

/** What one person came to: the row of the worklist, the ResearchSubject, open Tasks and the research record. */
export type Come = Record<string, unknown> & { status: string; reason: string | null };

/** What everybody came to, by Patient, without times of writing, numbers of versions and what only history tells. */
export interface EndState {
  people: Map<string, Come>;
  /** Everybody the store knows, subjects or not. */
  everybody: number;
  unresolved: number;
}

/** Worklist rows with their ResearchSubjects, by Patient, without times of writing. */
export function subjectsIn(
  { rows, subjects }: { rows: readonly WorklistRow[]; subjects: readonly SubjectRow[] },
  merged: ReadonlySet<string>,
): Map<string, Come> {
  const bodies = new Map(subjects.map((row) => [row.id, JSON.parse(row.body)]));
  return new Map(
    rows.map(({ subject, ...row }) => {
      const { meta: _, id, individual, ...content } = bodies.get(subject);
      // Which pseudonym somebody keeps after a merge depends, rightly, on which record was known first.
      const ids = merged.has(row.patient) ? {} : { subject, id, individual };
      return [row.patient, { ...row, ...ids, content }];
    }),
  );
}

/** How many people a screening of everybody found. */
export const everybodyIn = ({ subjects, counted }: Screening): number =>
  [...counted.values()].reduce((sum, count) => sum + count, subjects);

/**
 * What everybody came to in a store whose pending people are screened: a screening of everybody may then write nothing.
 * @param merged Patients (`Patient/id`) into whom others were merged
 */
export async function endStateOf(gateway: Gateway, now: number, merged: ReadonlySet<string>): Promise<EndState> {
  expect(await gateway.store.withTransaction(({ hospital }) => hospital.takePending(1))).toEqual([]);
  const before = await written(gateway);
  const { screening, found } = await hearAll(gateway, now);
  const after = await written(gateway);
  expect(after).toEqual(before);
  const people = subjectsIn({ rows: rowsOf(found), subjects: after.subjects }, merged);
  for (const { site, subject, patient } of after.enrolments) {
    const name = `Patient/${patient}`;
    const person = people.get(name);
    if (!person) throw new Error(`a ResearchSubject of nobody at ${site}`);
    const tasks = after.tasks.filter((row) => row.subject === subject).map(({ body }) => JSON.parse(body));
    const research = after.research.filter((row) => row.subject === subject && !row.deleted);
    Object.assign(
      person,
      merged.has(name)
        ? {
            tasks: tasks.map(({ code, focus }) => ({ code, focus })),
            research: research.map(({ type }) => type).sort(),
          }
        : { tasks: tasks.map(({ meta: _, ...task }) => task), research: research.map(withoutTimes) },
    );
  }
  return { people, everybody: everybodyIn(screening), unresolved: screening.unresolved };
}

/**
 * Holds one end state against that of an ordered feed. Somebody whose evidence vanished after there was a
 * ResearchSubject is found only where it was there for a while: history decides about them, and about nobody else.
 */
export function expectSameEnd(found: EndState, ordered: EndState): void {
  const people = new Map(found.people);
  for (const [patient, { status, reason }] of people) {
    if (ordered.people.has(patient)) continue;
    expect({ status, reason }).toEqual({ status: 'ineligible', reason: 'evidence-retracted' });
    people.delete(patient);
  }
  expect(people).toEqual(ordered.people);
  expect([found.everybody, found.unresolved]).toEqual([ordered.everybody, ordered.unresolved]);
}

/** A Provenance tells when its target was made, and of what bytes. */
function withoutTimes({ type, id, body }: { type: string; id: string; body: string }): object {
  if (type !== 'Provenance') return { type, id, body };
  const { recorded: _, entity: __, ...provenance } = JSON.parse(body);
  return { type, id, provenance };
}

/** Everything that screening writes. */
function written(gateway: Gateway) {
  return gateway.store.withTransaction(async ({ hospital, study, audit }) => {
    const enrolments = await hospital.enrolments();
    const moves = [];
    const research = [];
    for (const { subject } of enrolments) {
      moves.push(...(await hospital.moves(subject)));
      research.push(...(await study.researchOf(subject)));
    }
    const [subjects, tasks] = [await study.subjects(), await hospital.openTasks()];
    return { subjects, enrolments, moves, research, tasks, audit: await audit() };
  });
}
