import { type AtDecision, type DecisionRefusal, refusalOf } from '../enrolment/decide.ts';
import { type Participation, participantNumber } from '../enrolment/research-subject.ts';
import type { Standing } from '../enrolment/status.ts';
import type { Refused } from '../fhir/refusal.ts';
import { dayOf } from '../fhir/time.ts';
import { markOf } from '../screening/decided.ts';
import type { Transaction } from '../store/store.ts';
import type { Decision } from '../study/decision.ts';
import type { Site } from '../study/site.ts';
import { clustersAround } from './clusters.ts';
import { dutiesOf } from './duties.ts';
import { writeSubject } from './enrol.ts';
import { type Gateway, keysOf, numbersOf } from './gateway.ts';
import type { NumberAuthority } from './number-authority.ts';
import { type Person, readPerson } from './person.ts';
import type { SignedDecision } from './prepare.ts';
import { quarantineRow } from './quarantine.ts';
import { keepResearch } from './research.ts';
import { type State, stateOf } from './state.ts';
import { accepted, quarantined, type Tally } from './tally.ts';
import { keepTasks } from './tasks.ts';

/** What came of a decision: accepted (or known already), or refused with a stable code. */
export type Decided =
  | { ok: true; known: boolean; subject: string | null; standing: Standing; participant: string | null }
  | { ok: false; refusal: DecisionRefusal };

/**
 * Takes a signed decision: weighs it against the person's state at that moment, keeps it, and computes the state anew,
 * all in one transaction. The same decision again changes nothing.
 * @param now the clock of the criteria, in milliseconds
 */
export async function decide(
  gateway: Gateway,
  who: { site: Site; patient: string },
  draft: Omit<Decision, 'basis'>,
  now: number,
): Promise<Decided> {
  return gateway.store.withTransaction((tx) => decideIn(gateway, tx, who, draft, now));
}

/** The same inside a transaction that is going on. */
export async function decideIn(
  gateway: Gateway,
  tx: Transaction,
  who: { site: Site; patient: string },
  draft: Omit<Decision, 'basis'>,
  now: number,
): Promise<Decided> {
  const { site } = who;
  const keys = await keysOf(gateway, site.id);
  const person = await personOf(tx, who);
  const before = await stateOf(gateway, tx, site, person, now);
  if (await tx.hospital.decision(draft.id)) {
    return {
      ok: true,
      known: true,
      ...before,
      participant: await participantOf(numbersOf(gateway, tx), before.subject),
    };
  }
  const stored = before.subject ? await tx.study.subject(before.subject) : null;
  const { enrolment } = gateway.loaded.study;
  const today = dayOf(now, site.timezone);
  const basis = markOf(before.assessment.verdicts.find(({ id }) => id === draft.about)?.findings ?? []);
  const decision: Decision = { ...draft, basis: draft.kind === 'settle' ? basis : null };
  const refusal = refusalOf(decision, {
    ...before,
    version: stored && !stored.deleted ? stored.version : null,
    about: aboutOf(draft.about, before),
    inEnrolmentPeriod: today >= enrolment.first && today <= enrolment.last,
  });
  if (refusal) return { ok: false, refusal };
  const { id, kind, at } = decision;
  const body = JSON.stringify(decision);
  await tx.hospital.addDecision({ id, site: site.id, patient: who.patient, at, kind, body });
  await number(numbersOf(gateway, tx), decision, before.subject, before.assessment.group);
  const after = await personOf(tx, who);
  const { assessment, standing, record, care } = await stateOf(gateway, tx, site, after, now);
  const subject = standing.subject
    ? await writeSubject(gateway, tx, keys, after, { assessment, standing, care })
    : before.subject;
  if (subject) {
    const whose = { site: site.id, patient: after.cluster.survivor, subject, keys };
    await keepTasks(gateway, tx, whose, standing.subject ? dutiesOf(care) : [], now);
    await keepResearch(gateway, tx, { site, keys, record, assessment, care, standing, subject, person: after }, now);
  }
  const written = new Date(gateway.clock()).toISOString();
  const detail = `${kind} by ${decision.by.role}`;
  await tx.addAudit({ at: written, actor: gateway.actor, action: 'decision', object: subject, detail });
  return {
    ok: true,
    known: false,
    subject,
    standing,
    participant: await participantOf(numbersOf(gateway, tx), subject),
  };
}

/** What a decision is about, as the record has it. */
function aboutOf(about: string | null, { record, care }: State): AtDecision['about'] {
  const [type, id] = (about ?? '').split('/');
  const name = `${type}/${id}`;
  return {
    known: record.resources.some((one) => one.resourceType === type && one.id === id),
    deviations: care.specimens.get(name)?.deviations.map(({ code }) => code) ?? [],
  };
}

/** A number is given with the enrolment and voided with an enrolment in error; counters come last in a transaction. */
async function number(
  numbers: NumberAuthority,
  { kind, at, reason }: Decision,
  subject: string | null,
  group: string | null,
): Promise<void> {
  if (kind === 'enrol') await numbers.take(group!, subject!, at);
  if (kind !== 'enrolled-in-error') return;
  const held = await numbers.of(subject!);
  if (held) await numbers.void(held.group, held.number, reason ?? 'enrolled-in-error', at);
}

async function participantOf(numbers: NumberAuthority, subject: string | null): Promise<string | null> {
  const held: Pick<Participation, 'group' | 'number'> | null = subject ? await numbers.of(subject) : null;
  return held ? participantNumber(held) : null;
}

async function personOf(tx: Transaction, { site, patient }: { site: Site; patient: string }): Promise<Person> {
  const clusters = await clustersAround(tx.hospital, site.id, patient);
  return readPerson(tx.hospital, clusters, site.id, clusters.of(patient));
}

/**
 * Weighs decisions that came with a feed, in the order in which they were signed, each with its own time as the clock.
 * @returns how many were new
 */
export async function decideAll(
  gateway: Gateway,
  decisions: readonly SignedDecision[],
  tally: Tally,
  setAside: (refused: Refused) => void,
): Promise<number> {
  let added = 0;
  const order = [...decisions].sort((a, b) => (a.draft.at < b.draft.at ? -1 : a.draft.at > b.draft.at ? 1 : 0));
  for (const { place, site, patient, draft, content } of order) {
    const decided = await decide(gateway, { site, patient }, draft, Date.parse(draft.at));
    if (decided.ok) {
      accepted(tally, decided.known ? 'unchanged' : 'added');
      if (!decided.known) added++;
      continue;
    }
    const { code, message } = decided.refusal;
    const refused: Refused = {
      kind: 'refused',
      place,
      reason: 'decision-refused',
      expression: 'Task',
      message: `${code}: ${message}`,
    };
    const row = await quarantineRow(gateway, site, { ...refused, content });
    await gateway.store.withTransaction(({ hospital }) => hospital.putQuarantined(row));
    quarantined(tally, refused);
    setAside(refused);
  }
  return added;
}
