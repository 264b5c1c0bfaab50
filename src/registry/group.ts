import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { Transaction } from '../store/store.ts';
import type { RegistryDesk } from './desk.ts';
import { siteOf } from './shown.ts';

/** A group of participants: all of the study, those of a site, or those of an arm. */
export interface StudyGroup {
  id: string;
  name: string;
  of: 'study' | 'site' | 'arm';
  /** Id of the site, name of the arm. */
  which: string;
}

/** Pages in which the participants are walked through. */
const PAGE = 500;

/** Every group there is: `<study>`, `site-<site>`, `arm-<arm>`. */
export function groupsOf({ study, sites }: Pick<RegistryDesk, 'study' | 'sites'>): StudyGroup[] {
  const whole: StudyGroup = { id: study.id, name: `Participants of ${study.id}`, of: 'study', which: study.id };
  return [
    whole,
    ...sites.map((site): StudyGroup => {
      return { id: idOf(`site-${site}`), name: `Participants at the site ${site}`, of: 'site', which: site };
    }),
    ...study.arms.map((arm): StudyGroup => {
      return { id: idOf(`arm-${arm}`), name: `Participants of the arm ${arm}`, of: 'arm', which: arm };
    }),
  ];
}

const idOf = (text: string): string => text.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 64);

/** The R4 Group; who is in it is told by its export, how many by nobody: a small number would tell of people. */
export function groupResource({ id, name }: StudyGroup): FhirResource {
  return { resourceType: 'Group', id, active: true, type: 'person', actual: true, name } satisfies r4.Group;
}

/** Our ids of the ResearchSubjects that were in a group at an instant; null where all are. */
export async function membersAt(
  desk: Pick<RegistryDesk, 'store'>,
  group: StudyGroup,
  at: string,
): Promise<ReadonlySet<string> | null> {
  if (group.of === 'study') return null;
  const members = new Set<string>();
  let after: string | null = '';
  while (after !== null) {
    const from: string = after;
    const page = await desk.store.read(async ({ study }) => {
      const rows = await study.standingAfter('ResearchSubject', at, from, PAGE);
      for (const row of rows) if (await isIn(study, group, row.id, row.body)) members.add(row.id);
      return rows;
    });
    after = page.length < PAGE ? null : page.at(-1)!.id;
  }
  return members;
}

async function isIn(study: Transaction['study'], group: StudyGroup, subject: string, body: string): Promise<boolean> {
  if (group.of === 'site') return (await siteOf(study, subject)) === group.which;
  const { assignedArm, actualArm } = JSON.parse(body) as r4.ResearchSubject;
  return (assignedArm ?? actualArm) === group.which;
}
