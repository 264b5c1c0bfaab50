import type { Refused } from '../fhir/refusal.ts';
import { dayOf, dayText } from '../fhir/time.ts';
import { decideAll } from '../pipeline/decide.ts';
import type { SignedDecision } from '../pipeline/prepare.ts';
import { screenAll } from '../pipeline/screen.ts';
import type { Taking } from '../pipeline/taker.ts';
import { unreadCounts } from '../pipeline/unread.ts';
import { writeReport } from '../views/files.ts';
import { researchCounts } from '../views/research-counts.ts';
import { type Summary, summarise } from '../views/summary.ts';
import { worklist } from '../views/worklist.ts';

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
  let screening = await screenAll(gateway, now);
  if ((await decideAll(gateway, await decisions(), tally, setAside)) > 0) screening = await screenAll(gateway, now);
  const [subjects, unmapped, research] = await gateway.store.withTransaction(
    async (tx) => [await tx.study.subjects(), await tx.hospital.unmappedCounts(), await researchCounts(tx)] as const,
  );
  const about = { study: study.title, studyVersion: study.version, asOf: dayText(dayOf(now, study.timezone)) };
  const passedOver = await unreadCounts(gateway, screening);
  const summary = summarise(about, study, tally, screening, unmapped, research, passedOver);
  await writeReport(out, { summary, worklist: worklist(screening.subjects), subjects, quarantine, unmapped });
  return summary;
}
