import { type Participation, researchSubject } from '../enrolment/research-subject.ts';
import type { Standing } from '../enrolment/status.ts';
import { dayOf, dayText } from '../fhir/time.ts';
import type { SiteKeys } from '../identity/keys.ts';
import { pseudonymFor } from '../identity/pseudonym.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { MoveRow, PseudonymRow, Transaction } from '../store/store.ts';
import { latest } from '../study/decision.ts';
import type { Care } from './care.ts';
import { type Gateway, keysOf, numbersOf } from './gateway.ts';
import { hideSubject, showSubject } from './notice.ts';
import { noteChanges } from './outbox.ts';
import type { Person } from './person.ts';
import { closeResearch } from './research.ts';
import { cancelTasks } from './tasks.ts';

/** What the hospital remembers of a subject's last screening, to tell why it moved. */
interface State {
  status: string;
  reason: string | null;
  fingerprint: string;
  members: string[];
  consent: string | null;
  decisions: number;
  studyVersion: string;
}

export type SubjectStanding = Extract<Standing, { subject: true }>;

/**
 * Writes what a screening means for the person's ResearchSubject: a new version only when its content changes, a move
 * when status or reason change, an audit row for either. Subjects of merged records fall together into the earliest.
 * @returns the id of the subject
 */
export async function writeSubject(
  gateway: Gateway,
  tx: Transaction,
  keys: SiteKeys,
  person: Person,
  { assessment, standing, care }: { assessment: Assessment; standing: SubjectStanding; care: Care },
): Promise<string> {
  const at = new Date(gateway.clock()).toISOString();
  const patient = await pseudonymOf(tx, keys, person);
  const subject = pseudonymFor(keys.pseudonym, 'subject', patient.root);
  await retireOthers(gateway, tx, keys, person, subject, at);
  const previous = await tx.hospital.enrolment(subject);
  const before = previous ? (JSON.parse(previous.state) as State) : null;
  const { study } = gateway.loaded;
  const participation = await participationOf(gateway, tx, person, subject);
  const resource = researchSubject(
    { subject, patient: patient.pseudonym },
    study,
    standing,
    assessment,
    participation,
    deviationsOf(care),
  );
  const stored = await tx.study.subject(subject);
  // The hospital is shown whom a subject is: when that changes by a merge, its version must.
  const relinked = previous !== null && previous.patient !== person.cluster.survivor;
  const changed = !stored || stored.deleted || relinked || contentOf(stored.body) !== JSON.stringify(resource);
  const version = (stored?.version ?? 0) + (changed ? 1 : 0);
  const lastUpdated = changed ? at : stored.lastUpdated;
  if (changed) {
    const { resourceType, id, ...content } = resource;
    const meta = { versionId: String(version), lastUpdated };
    const body = JSON.stringify({ resourceType, id, meta, ...content });
    await tx.study.putSubject({ id: subject, version, lastUpdated, deleted: false, body });
    const resources = [{ type: 'ResearchSubject', id: subject, version }];
    await noteChanges(tx, gateway.targets, { site: person.site, subject, at, resources });
    const action = version === 1 ? 'subject-created' : 'subject-updated';
    await tx.addAudit({ at, actor: gateway.actor, action, object: subject, detail: `${standing.status} v${version}` });
  }
  const { status, reason } = standing;
  const flags = assessment.flags.map(({ flag }) => flag);
  await showSubject(tx, keys, { site: person.site, subject, version, lastUpdated, status, reason, flags });
  const state: State = {
    status: standing.status,
    reason: standing.reason,
    fingerprint: person.fingerprint,
    members: person.cluster.members.slice(),
    consent: verdictOfConsent(assessment),
    decisions: person.decisions.length,
    studyVersion: study.version,
  };
  if (!before || before.status !== state.status || before.reason !== state.reason) {
    const evidence = [...new Set(assessment.verdicts.flatMap((verdict) => verdict.evidence))];
    const cause = causeOf(before, state);
    await tx.hospital.addMove({
      subject,
      at,
      from: before?.status ?? null,
      to: state.status,
      reason: state.reason,
      cause,
      studyVersion: study.version,
      evidence,
    });
  }
  const row = { subject, site: person.site, patient: person.cluster.survivor, state: JSON.stringify(state) };
  if (!previous || previous.state !== row.state || previous.patient !== row.patient)
    await tx.hospital.putEnrolment(row);
  return subject;
}

/** Deviations that no specimen can carry: a draw that was missed. */
function deviationsOf({ draws }: Care): string[] {
  return [...new Set(draws.flatMap(({ deviation }) => deviation?.code ?? []))];
}

/** The subject a person already has: that of the merged record which got its pseudonym first. */
export async function subjectOf(tx: Transaction, gateway: Gateway, { site, cluster }: Person): Promise<string | null> {
  const keys = await keysOf(gateway, site);
  const first = await firstOf(tx, keys, await tx.hospital.pseudonyms(site, cluster.members));
  if (!first) return null;
  const subject = pseudonymFor(keys.pseudonym, 'subject', first.patient);
  return (await tx.hospital.enrolment(subject)) ? subject : null;
}

/** Of merged records the one with the oldest participant number leads, else the one that got its pseudonym first. */
async function firstOf(tx: Transaction, keys: SiteKeys, known: readonly PseudonymRow[]): Promise<PseudonymRow | null> {
  const ordered = [...known].sort((a, b) => a.sequence - b.sequence);
  if (ordered.length < 2) return ordered[0] ?? null;
  const numbers = (await tx.study.numbers()).filter(({ voided }) => voided === null);
  const given = (row: PseudonymRow) => {
    const subject = pseudonymFor(keys.pseudonym, 'subject', row.patient);
    return numbers.find((one) => one.subject === subject)?.at ?? '~';
  };
  return ordered.sort((a, b) => (given(a) < given(b) ? -1 : given(a) > given(b) ? 1 : a.sequence - b.sequence))[0]!;
}

/** Number and days of somebody enrolled; null before. */
async function participationOf(
  gateway: Gateway,
  tx: Transaction,
  person: Person,
  subject: string,
): Promise<Participation | null> {
  const held = await numbersOf(gateway, tx).of(subject);
  if (!held) return null;
  const zone = gateway.sites.get(person.site)!.timezone;
  const day = (at: string) => dayText(dayOf(Date.parse(at), zone));
  const enrolled = latest(person.decisions, ['enrol']);
  const ended = latest(person.decisions, ['withdraw', 'complete', 'off-study', 'enrolled-in-error']);
  if (!enrolled) return null;
  return { ...held, start: day(enrolled.at), end: ended && ended.at > enrolled.at ? day(ended.at) : null };
}

/** The pseudonym of the merged record that had one first; made now when none has. */
async function pseudonymOf(
  tx: Transaction,
  keys: SiteKeys,
  { site, cluster }: Person,
): Promise<{ root: string; pseudonym: string }> {
  const known = await tx.hospital.pseudonyms(site, cluster.members);
  const first = await firstOf(tx, keys, known);
  if (first) return { root: first.patient, pseudonym: first.pseudonym };
  const pseudonym = pseudonymFor(keys.pseudonym, 'patient', cluster.survivor);
  await tx.hospital.addPseudonym({ site, patient: cluster.survivor, pseudonym, keyId: keys.fingerprint });
  return { root: cluster.survivor, pseudonym };
}

/** One ResearchSubject per person: those of records merged away are deleted, their history stays. */
async function retireOthers(
  gateway: Gateway,
  tx: Transaction,
  keys: SiteKeys,
  { site, cluster }: Person,
  kept: string,
  at: string,
): Promise<void> {
  for (const { patient } of await tx.hospital.pseudonyms(site, cluster.members)) {
    const row = await tx.hospital.enrolment(pseudonymFor(keys.pseudonym, 'subject', patient));
    if (!row || row.subject === kept) continue;
    const state = JSON.parse(row.state) as State;
    const stored = await tx.study.subject(row.subject);
    if (!stored || stored.deleted) continue;
    const version = stored.version + 1;
    await tx.study.putSubject({ ...stored, version, lastUpdated: at, deleted: true });
    await hideSubject(tx, { site, subject: row.subject, version, at });
    const resources = [{ type: 'ResearchSubject', id: row.subject, version }];
    await noteChanges(tx, gateway.targets, { site, subject: row.subject, at, resources });
    const { studyVersion } = state;
    await tx.hospital.addMove({
      subject: row.subject,
      at,
      from: state.status,
      to: 'merged',
      reason: kept,
      cause: 'merge',
      studyVersion,
      evidence: [],
    });
    await closeResearch(gateway, tx, { site, subject: row.subject, at });
    await cancelTasks(gateway, tx, { site, patient: row.patient, subject: row.subject, keys });
    await tx.hospital.removeEnrolment(row.subject);
    await tx.addAudit({ at, actor: gateway.actor, action: 'subject-merged', object: row.subject, detail: kept });
  }
}

function contentOf(body: string): string {
  const { meta: _, ...content } = JSON.parse(body);
  return JSON.stringify(content);
}

/** The verdict of the criterion that asks for consent: the one whose not-met only means screening. */
function verdictOfConsent({ verdicts }: Assessment): string | null {
  return verdicts.find((verdict) => verdict.whenNotMet === 'screening')?.verdict ?? null;
}

function causeOf(before: State | null, after: State): MoveRow['cause'] {
  if (!before) return 'data';
  if (before.studyVersion !== after.studyVersion && before.fingerprint === after.fingerprint) return 'criteria';
  if (before.members.join() !== after.members.join()) return 'merge';
  if (before.decisions !== after.decisions) return 'decision';
  if (before.fingerprint === after.fingerprint) return 'clock';
  return before.consent !== after.consent ? 'consent' : 'data';
}
