import type { CountedAs } from '../enrolment/status.ts';
import type { Clusters } from '../identity/merge.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { Transaction } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import type { Care } from './care.ts';
import { type Duty, dutiesOf } from './duties.ts';
import { type SubjectStanding, subjectOf, writeSubject } from './enrol.ts';
import { type Gateway, keysOf } from './gateway.ts';
import { clusterOfRow, clustersAt, hasEvidence, type Person, readPerson } from './person.ts';
import { keepResearch } from './research.ts';
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

/** What a screening of everybody found: each known person is in exactly one of subjects and counted. */
export interface Screening {
  subjects: ScreenedSubject[];
  counted: Map<CountedAs, number>;
  /** Identifiers in references that lead to no patient, or to several who are not merged. */
  unresolved: number;
}

/** Persons in one transaction. */
const BATCH = 50;

/**
 * Screens everybody the store knows: not only those the last feed touched, since the clock, the study and merges move
 * people too.
 * @param now the clock of the criteria, in milliseconds
 */
export async function screenAll(gateway: Gateway, now: number, onPerson: () => void = () => {}): Promise<Screening> {
  const found: Screening = { subjects: [], counted: new Map(), unresolved: 0 };
  const links = new Map<string, Clusters>();
  const seen = new Set<string>();
  let [site, person] = ['', ''];
  for (;;) {
    const page = await gateway.store.withTransaction(async (tx) => {
      const { hospital } = tx;
      const rows = await hospital.personsAfter(site, person, BATCH);
      for (const row of rows) {
        const at = gateway.sites.get(row.site);
        if (!at) throw new Error(`The store holds people of a site that is not in sites/: ${row.site}`);
        const clusters = links.get(row.site) ?? (await clustersAt(hospital, row.site));
        links.set(row.site, clusters);
        const cluster = await clusterOfRow(hospital, clusters, row.site, row.person);
        if (!cluster) {
          found.unresolved++;
          continue;
        }
        const key = `${row.site}|${cluster.survivor}`;
        if (seen.has(key)) continue;
        seen.add(key);
        await screenOne(gateway, tx, at, await readPerson(hospital, clusters, row.site, cluster), now, found);
        onPerson();
      }
      return rows;
    });
    const last = page.at(-1);
    if (!last) return found;
    [site, person] = [last.site, last.person];
  }
}

async function screenOne(
  gateway: Gateway,
  tx: Transaction,
  site: Site,
  person: Person,
  now: number,
  found: Screening,
): Promise<void> {
  if (!hasEvidence(person) && (await subjectOf(tx, gateway, person)) === null)
    return count(found, 'no-disease-evidence');
  const keys = await keysOf(gateway, site.id);
  const { assessment, standing, record, care } = await stateOf(gateway, tx, site, person, now);
  if (!standing.subject) return count(found, standing.counted);
  const subject = await writeSubject(gateway, tx, keys, person, { assessment, standing, care });
  const { survivor } = person.cluster;
  const duties = dutiesOf(care);
  await keepTasks(gateway, tx, { site: site.id, patient: survivor, subject, keys }, duties, now);
  await keepResearch(gateway, tx, { site, keys, record, assessment, care, standing, subject, person }, now);
  found.subjects.push({ site: site.id, patient: survivor, subject, standing, assessment, care, duties });
}

function count(found: Screening, as: CountedAs): void {
  found.counted.set(as, (found.counted.get(as) ?? 0) + 1);
}
