import type { CountedAs } from '../enrolment/status.ts';
import type { Clusters } from '../identity/merge.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { HospitalTables, Transaction } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import type { Care } from './care.ts';
import { clustersAt } from './clusters.ts';
import { type Duty, dutiesOf } from './duties.ts';
import { type SubjectStanding, subjectOf, writeSubject } from './enrol.ts';
import { type Gateway, keysOf } from './gateway.ts';
import { clusterOfRow, hasEvidence, type Person, readPerson } from './person.ts';
import { keepResearch } from './research.ts';
import { speaksOfDisease } from './speaking.ts';
import { stateOf } from './state.ts';
import { keepTasks } from './tasks.ts';

/** A subject as of a screening. */
export interface ScreenedSubject {
  site: string;
  patient: string;
  subject: string;
  standing: SubjectStanding;
  assessment: Assessment;
  care: Care;
  duties: readonly Duty[];
}

/** What a screening of everybody found, in numbers: each known person is in exactly one of subjects and counted. */
export interface Screening {
  subjects: number;
  counted: Map<CountedAs, number>;
  /** Identifiers in references that lead to no patient, or to several who are not merged. */
  unresolved: number;
}

/** Who listens to a screening. What is not listened to is let go at once. */
export interface Listening {
  /** Of each subject, once what was written of it is durable and before the next persons are read. */
  subject?: (found: ScreenedSubject) => void;
  /** Of each person, before that. */
  person?: () => void;
}

/** Persons in one transaction. */
export const BATCH = 50;
/** Marks cleared in one transaction. */
const MARKS = 1000;

/** What screening several persons shares. */
interface Round {
  /** The clock of the criteria, in milliseconds. */
  now: number;
  found: Screening;
  /** Hears of each subject at once: what is written of it may still be undone. */
  subject?: ((one: ScreenedSubject) => void) | undefined;
  /** The merges that a person (a Patient id, an `?alias`) needs. */
  merges: (hospital: HospitalTables, site: string, person: string) => Promise<Clusters>;
  /** Survivors who were screened in this round. */
  seen: Set<string>;
}

export function noScreening(): Screening {
  return { subjects: 0, counted: new Map(), unresolved: 0 };
}

/**
 * Screens everybody the store knows: not only those the last feed touched, since the clock, the study and merges move
 * people too. Nobody who was pending when it began is pending afterwards.
 * @param now the clock of the criteria, in milliseconds
 */
export async function screenAll(gateway: Gateway, now: number, listening: Listening = {}): Promise<Screening> {
  const told = toTell(listening.subject);
  const round: Round = { now, found: noScreening(), subject: told.hear, merges: readOnce(), seen: new Set() };
  const pending = await gateway.store.withTransaction(({ hospital }) => hospital.takePending(Number.MAX_SAFE_INTEGER));
  let [site, person] = ['', ''];
  for (;;) {
    const page = await gateway.store.withTransaction(async (tx) => {
      const rows = await tx.hospital.personsAfter(site, person, BATCH);
      await screenPersons(gateway, tx, rows, round, listening.person);
      return rows;
    });
    told.tell();
    const last = page.at(-1);
    if (!last) break;
    [site, person] = [last.site, last.person];
  }
  for (let from = 0; from < pending.length; from += MARKS) {
    await gateway.store.withTransaction(async ({ hospital }) => {
      for (const one of pending.slice(from, from + MARKS)) await hospital.clearPending(one.site, one.person, one.upTo);
    });
  }
  return round.found;
}

/** Holds the subjects of one transaction until it is durable; none where nobody listens. */
export function toTell(subject: Listening['subject']): { hear: Round['subject']; tell: () => void } {
  const held: ScreenedSubject[] = [];
  return {
    hear: subject && ((one) => held.push(one)),
    tell: () => {
      for (const one of held.splice(0)) subject!(one);
    },
  };
}

/** Screens those to whom the given persons (Patient ids, `?alias`es) lead, each once in a round. */
export async function screenPersons(
  gateway: Gateway,
  tx: Transaction,
  persons: readonly { site: string; person: string }[],
  round: Round,
  onPerson: () => void = () => {},
): Promise<void> {
  const { hospital } = tx;
  const { found, merges, seen } = round;
  for (const row of persons) {
    const at = gateway.sites.get(row.site);
    if (!at) throw new Error(`The store holds people of a site that is not in sites/: ${row.site}`);
    const clusters = await merges(hospital, row.site, row.person);
    const cluster = await clusterOfRow(hospital, clusters, row.site, row.person);
    if (!cluster) {
      found.unresolved++;
      continue;
    }
    const key = `${row.site}|${cluster.survivor}`;
    if (seen.has(key)) continue;
    seen.add(key);
    await screenOne(gateway, tx, at, await readPerson(hospital, clusters, row.site, cluster), round);
    onPerson();
  }
}

/** All merges of a site, read when first needed: everybody of it is to be screened. */
function readOnce(): Round['merges'] {
  const known = new Map<string, Clusters>();
  return async (hospital, site) => {
    const clusters = known.get(site) ?? (await clustersAt(hospital, site));
    known.set(site, clusters);
    return clusters;
  };
}

async function screenOne(
  gateway: Gateway,
  tx: Transaction,
  site: Site,
  person: Person,
  { now, found, subject: hear }: Round,
): Promise<void> {
  const speaks = hasEvidence(person) && speaksOfDisease(gateway, site, person);
  if (!speaks && (await subjectOf(tx, gateway, person)) === null) return count(found, 'no-disease-evidence');
  const keys = await keysOf(gateway, site.id);
  const { assessment, standing, record, care } = await stateOf(gateway, tx, site, person, now);
  if (!standing.subject) return count(found, standing.counted);
  const subject = await writeSubject(gateway, tx, keys, person, { assessment, standing, care });
  const { survivor } = person.cluster;
  const duties = dutiesOf(care);
  await keepTasks(gateway, tx, { site: site.id, patient: survivor, subject, keys }, duties, now);
  await keepResearch(gateway, tx, { site, keys, record, assessment, care, standing, subject, person }, now);
  found.subjects++;
  hear?.({ site: site.id, patient: survivor, subject, standing, assessment, care, duties });
}

function count(found: Screening, as: CountedAs): void {
  found.counted.set(as, (found.counted.get(as) ?? 0) + 1);
}
