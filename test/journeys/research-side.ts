import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { replay } from '../../src/pipeline/replay.ts';
import type { ResearchRow } from '../../src/store/research-rows.ts';
import { NOW, ndjson, openTestGateway, type Run, runOver } from '../pipeline/gateway.ts';
import { studyTeam } from '../pipeline/study-team.ts';

/** 10 o'clock of a day in Shanghai, in milliseconds. */
export const on = (day: string) => Date.parse(`${day}T10:00:00+08:00`);

/** A newer version of what was sent; the hospital wrote it at 9 o'clock of the day. */
export const newer = (resource: FhirResource, day: string, change: object): FhirResource => ({
  ...resource,
  ...change,
  meta: { ...resource.meta, versionId: '2', lastUpdated: `${day}T09:00:00+08:00` },
});

export type Journey = Awaited<ReturnType<typeof startJourney>>;

/** A gateway with its research side, a study team, and eyes for what the study side holds. */
export async function startJourney() {
  const gateway = await openTestGateway(':memory:', { research: true });
  const subjectOf = (patient: string) =>
    gateway.store.withTransaction(async ({ hospital }) => {
      const row = (await hospital.enrolments()).find((one) => `Patient/${one.patient}` === patient);
      if (!row) throw new Error(`no subject: ${patient}`);
      return row.subject;
    });
  const rowsOf = async (patient: string) => {
    const subject = await subjectOf(patient);
    return gateway.store.withTransaction(({ study }) => study.researchOf(subject));
  };
  return {
    gateway,
    decides: studyTeam(gateway),
    /** Takes resources in and screens everybody at an instant. */
    take: (resources: readonly FhirResource[], now = NOW): Promise<Run> =>
      runOver(gateway, { feed: ndjson(resources) }, { now }),
    subjectOf,
    /** The ResearchSubject as the study side has it. */
    async subjectBody(patient: string) {
      const subject = await subjectOf(patient);
      const row = await gateway.store.withTransaction(({ study }) => study.subject(subject));
      return JSON.parse(row!.body);
    },
    /** Types of the standing research resources with their number; Provenance apart. */
    async standing(patient: string): Promise<Record<string, number>> {
      const counts: Record<string, number> = {};
      for (const { type, deleted } of await rowsOf(patient)) {
        if (!deleted && type !== 'Provenance') counts[type] = (counts[type] ?? 0) + 1;
      }
      return counts;
    },
    /** Every row of the person's research record, tombstones included. */
    rowsOf,
    /** The research resource made of a hospital's resource, when it stands. */
    async madeOf(patient: string, source: FhirResource): Promise<ResearchRow | null> {
      const subject = await subjectOf(patient);
      return gateway.store.withTransaction(async ({ hospital, study }) => {
        const lineage = await hospital.lineageOf(subject);
        const row = lineage.find((one) => one.source === `${source.resourceType}/${source.id}`);
        if (!row) return null;
        const [type, id] = row.research.split('/') as [string, string];
        return study.research(type, id);
      });
    },
    /** The person's Tasks as `code status`, with the codes of their reasons, and when they are due. */
    async tasks(patient: string): Promise<string[]> {
      const subject = await subjectOf(patient);
      const rows = await gateway.store.withTransaction(({ hospital }) => hospital.tasksOf(subject));
      return rows
        .map(({ body }) => {
          const { code, status, reasonCode, restriction } = JSON.parse(body) as r4.Task;
          const due = restriction?.period?.end;
          const codes = (reasonCode?.coding ?? []).map((coding) => ` ${coding.code}`).join('');
          return `${code?.coding?.[0]?.code} ${status}${codes}${due ? ` by ${due}` : ''}`;
        })
        .sort();
    },
    /** Closes the journey: replay gives the same bytes, every resource has its Provenance, a second run writes nothing. */
    async settles(now = NOW): Promise<void> {
      const before = await everything(gateway);
      for (const { subject } of await gateway.store.withTransaction(({ hospital }) => hospital.enrolments())) {
        const replayed = (await replay(gateway, subject, now))!;
        expect({ ...replayed, equal: [] }).toEqual({ equal: [], different: [], missing: [], surplus: [] });
        const provenances = replayed.equal.filter((name) => name.startsWith('Provenance/'));
        expect(provenances).toHaveLength(replayed.equal.length / 2);
      }
      await runOver(gateway, {}, { now });
      expect(await everything(gateway)).toEqual(before);
    },
  };
}

/** Subjects and research rows of everybody, newest versions. */
async function everything(gateway: Gateway) {
  return gateway.store.withTransaction(async ({ hospital, study }) => {
    const research: ResearchRow[] = [];
    for (const { subject } of await hospital.enrolments()) research.push(...(await study.researchOf(subject)));
    return { subjects: await study.subjects(), research };
  });
}
