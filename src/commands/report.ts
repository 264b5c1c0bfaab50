import type { Refused } from '../fhir/refusal.ts';
import { dayOf, dayText } from '../fhir/time.ts';
import { decideAll } from '../pipeline/decide.ts';
import type { SignedDecision } from '../pipeline/prepare.ts';
import { type ScreenedSubject, screenAll } from '../pipeline/screen.ts';
import type { Taking } from '../pipeline/taker.ts';
import { unreadCounts } from '../pipeline/unread.ts';
import { writeReport } from '../views/files.ts';
import { SubjectReport } from '../views/report.ts';
import { eachSubject, researchCounts } from '../views/research-counts.ts';
import { type Summary, summarise } from '../views/summary.ts';

/**
 * Screens everybody a study's store knows, weighs the decisions that came with the feed, and writes the files.
 * @param now the clock of the criteria, in milliseconds
 * @param quarantine what was set aside; what the decisions add to it is there afterwards
 */
export async function screenAndReport(
  { gateway, tally, setAside }: Taking,
  decisions: () => Promise<readonly SignedDecision[]>,
  { now, out, quarantine }: { now: number; out: string; quarantine: Refused[] },
): Promise<Summary> {
  const { study } = gateway.loaded;
  const about = { study: study.title, studyVersion: study.version, asOf: dayText(dayOf(now, study.timezone)) };
  const people = new SubjectReport(about);
  try {
    const subject = (found: ScreenedSubject) => people.add(found);
    let screening = await screenAll(gateway, now, { subject });
    if ((await decideAll(gateway, await decisions(), tally, setAside)) > 0) {
      people.clear();
      screening = await screenAll(gateway, now, { subject });
    }
    const unmapped = await gateway.store.read(({ hospital }) => hospital.unmappedCounts());
    const research = await researchCounts(gateway.store);
    const passedOver = await unreadCounts(gateway, (site, patient) => people.isSubject(site, patient));
    const summary = summarise(about, study, tally, screening, people.counts, unmapped, research, passedOver);
    await writeReport(out, { summary, people, subjects: eachSubject(gateway.store), quarantine, unmapped });
    return summary;
  } finally {
    people.close();
  }
}
