import type { r4 } from '../fhir/resource.ts';
import type { Clusters } from '../identity/merge.ts';
import type { EnrolmentRow, Transaction } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import { clustersAt } from './clusters.ts';
import { type Gateway, keysOf } from './gateway.ts';
import type { KeptReason, PurgeDecision } from './purge-due.ts';
import { type Knot, knotOf } from './purge-knot.ts';
import { judge, tombstoneHash } from './purge-one.ts';

/** What a look at everybody known found. */
export interface Survey {
  /** One start of every knot that is due. */
  due: { site: string; start: string }[];
  kept: { site: string; reason: KeptReason }[];
  /** A site for each person who had been purged before. */
  seenAgain: string[];
  /** `site|RelatedPerson/id` → survivors of the people whose Consents name that guardian. */
  guardians: Map<string, Set<string>>;
}

/** Knots and the decisions on them as one transaction sees them. */
export interface Look {
  site(id: string): Site;
  knot(site: string, start: string): Promise<Knot>;
  judge(knot: Knot, now: number): Promise<PurgeDecision[]>;
}

export async function lookOf(gateway: Gateway, tx: Transaction): Promise<Look> {
  const numbered = new Set((await tx.study.numbers()).map(({ subject }) => subject));
  const clusters = new Map<string, Clusters>();
  const site = (id: string) => {
    const found = gateway.sites.get(id);
    if (!found) throw new Error(`The store holds people of a site that is not in sites/: ${id}`);
    return found;
  };
  return {
    site,
    async knot(at, start) {
      const known = clusters.get(at) ?? (await clustersAt(tx.hospital, at));
      clusters.set(at, known);
      return knotOf(tx, known, await keysOf(gateway, site(at).id), at, start);
    },
    judge: (knot, now) => judge(gateway, tx, site(knot.site), knot, numbered, now),
  };
}

/** Persons in one transaction. */
const PAGE = 50;

/**
 * Looks at everybody known, and at every identifier that leads to no one Patient.
 * @param tombstones hashes of those purged before, by site
 */
export async function survey(
  gateway: Gateway,
  now: number,
  tombstones: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Survey> {
  const found: Survey = { due: [], kept: [], seenAgain: [], guardians: new Map() };
  const seen = new Set<string>();
  let [site, person] = ['', ''];
  for (;;) {
    const page = await gateway.store.withTransaction(async (tx) => {
      const rows = await tx.hospital.personsAfter(site, person, PAGE);
      const look = await lookOf(gateway, tx);
      for (const row of rows) {
        if (seen.has(`${row.site}|${row.person}`)) continue;
        const knot = await look.knot(row.site, row.person);
        for (const one of [row.person, ...knot.patients, ...knot.aliases]) seen.add(`${row.site}|${one}`);
        const decisions = await look.judge(knot, now);
        if (decisions.every(({ due }) => due)) found.due.push({ site: row.site, start: row.person });
        found.kept.push(...keptOf(row.site, decisions));
        noteGuardians(knot, found.guardians);
        const keys = await keysOf(gateway, row.site);
        for (const { person: known } of knot.people) {
          const before = known.cluster.members.some((id) =>
            tombstones.get(row.site)?.has(tombstoneHash(keys, row.site, id)),
          );
          if (before) found.seenAgain.push(row.site);
        }
      }
      return rows;
    });
    const last = page.at(-1);
    if (!last) return found;
    [site, person] = [last.site, last.person];
  }
}

export function keptOf(site: string, decisions: readonly PurgeDecision[]): Survey['kept'] {
  return decisions.flatMap((one) => (one.due ? [] : [{ site, reason: one.kept }]));
}

function noteGuardians({ site, people }: Knot, into: Map<string, Set<string>>): void {
  for (const { person, resources } of people) {
    for (const resource of resources) {
      if (resource.resourceType !== 'Consent') continue;
      for (const { reference } of (resource as unknown as r4.Consent).performer ?? []) {
        if (!reference?.startsWith('RelatedPerson/')) continue;
        const named = into.get(`${site}|${reference}`) ?? new Set();
        into.set(`${site}|${reference}`, named.add(person.cluster.survivor));
      }
    }
  }
}

/** Whether a Consent of somebody else names a RelatedPerson of theirs: without it that Consent would read otherwise. */
export function hasGuardianOfAnother({ site, people }: Knot, guardians: Survey['guardians']): boolean {
  const own = new Set(people.map(({ person }) => person.cluster.survivor));
  return people.some(({ person }) =>
    person.rows.some(({ type, id }) => {
      const named = type === 'RelatedPerson' ? guardians.get(`${site}|RelatedPerson/${id}`) : undefined;
      return named !== undefined && [...named].some((survivor) => !own.has(survivor));
    }),
  );
}

/** A merge came or went since the last screening: a subject of theirs is written down as somebody else's, or the reverse. */
export function isAskew({ site, people, patients }: Knot, enrolments: readonly EnrolmentRow[]): boolean {
  const subjects = people.flatMap((one) => one.subjects);
  return enrolments.some(
    (row) => row.site === site && patients.includes(row.patient) !== subjects.includes(row.subject),
  );
}
