import { createHash } from 'node:crypto';
import type { Standing } from '../enrolment/status.ts';
import type { FhirResource } from '../fhir/resource.ts';
import { dayOf } from '../fhir/time.ts';
import { keyedHash } from '../identity/keyed-hash.ts';
import type { SiteKeys } from '../identity/keys.ts';
import { pseudonymFor } from '../identity/pseudonym.ts';
import type { DerivedKind } from '../research/derive/kinds.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { PersonRecord } from '../screening/view.ts';
import type { HeldRow, ResearchRow } from '../store/research-rows.ts';
import type { Transaction } from '../store/store.ts';
import type { Site } from '../study/site.ts';
import type { Care } from './care.ts';
import type { Gateway } from './gateway.ts';
import { grantedNow, keepGranted } from './granted.ts';
import { type Changed, noteChanges } from './outbox.ts';
import type { Person } from './person.ts';
import { factsOf, heldRow, isOfStudy } from './research-facts.ts';
import { ageAtConsent, mayPass } from './research-gate.ts';
import { type Passed, textsOf } from './research-texts.ts';
import { keepVerdicts } from './verdicts.ts';

/** A person's research record as it should be now. */
export interface ResearchRecord {
  passed: Passed[];
  held: HeldRow[];
}

/** Whose research record it is. */
export interface Participant {
  site: Site;
  keys: SiteKeys;
  record: PersonRecord;
  assessment: Assessment;
  care: Care;
  subject: string;
  /** Pseudonymous Patient id. */
  patient: string;
  standing: Standing;
}

const NOTHING: ResearchRecord = { passed: [], held: [] };

/**
 * Derives the research record: what the consent lets pass, mapped, pseudonymous, and found to conform. Everything else
 * stays; what was held back is told to the operator. A function of record, decisions, study, maps and clock.
 */
export async function researchOf(gateway: Gateway, participant: Participant): Promise<ResearchRecord> {
  const { site, record, assessment, care } = participant;
  const { study } = gateway.loaded;
  const { passage } = care;
  if (
    !gateway.research ||
    isClosed(participant.standing) ||
    passage.grants.may(study.purposes.ofData, passage.present) !== 'yes'
  )
    return NOTHING;
  const { deriver } = await gateway.research();
  const held: HeldRow[] = [];
  const passing = sourcesOf(participant, deriver.types).filter((source) => {
    const answer = mayPass(source, passage, site, study, care.specimens);
    if (answer === 'unknown')
      held.push(
        heldRow(
          participant,
          source,
          'consent-unknown',
          null,
          'Its date, or that of the consent, leaves open whether it may pass.',
        ),
      );
    return answer === 'yes' && isOfStudy(participant, source, held);
  });
  const names = new Set(passing.map(({ resourceType, id }) => `${resourceType}/${id}`));
  const age = ageAtConsent(assessment, passage, site);
  const passed: Passed[] = [];
  for (const source of passing) {
    const derived = deriver.derive(source, {
      site,
      studyVersion: study.version,
      patient: record.patient,
      pseudonym: (kind, id) => pseudonymOf(participant, names, kind, id),
      ...(age === undefined ? {} : { age }),
      ...factsOf(participant, source),
    });
    if (derived.kind === 'resource')
      passed.push({ resource: derived.resource, source, mapVersion: derived.mapVersion });
    if (derived.kind !== 'held') continue;
    held.push(
      ...derived.faults.map(({ code, expression, message }) => heldRow(participant, source, code, expression, message)),
    );
  }
  return { passed, held };
}

/** Writes what changed: new versions, tombstones of what may not be there any more, provenance, lineage. */
export async function writeResearch(gateway: Gateway, tx: Transaction, participant: Participant): Promise<void> {
  const { subject, site, keys } = participant;
  const { passed, held } = await researchOf(gateway, participant);
  const at = new Date(gateway.clock()).toISOString();
  const stored = new Map((await tx.study.researchOf(subject)).map((row) => [`${row.type}/${row.id}`, row]));
  const kept = new Set<string>();
  const changed: { type: string; id: string; version: number }[] = [];
  const { version: studyVersion } = gateway.loaded.study;
  for (const one of passed) {
    const { resource, source, mapVersion } = one;
    const { name, body, hash, provenanceId, provenance } = textsOf(one, site.id, keys, studyVersion);
    const before = stored.get(name);
    const told = stored.get(`Provenance/${provenanceId}`);
    kept.add(name).add(`Provenance/${provenanceId}`);
    const same =
      before &&
      !before.deleted &&
      before.body === body &&
      told !== undefined &&
      told.body === provenance(told.lastUpdated);
    if (same) continue;
    for (const [type, id, text] of [
      [resource.resourceType, resource.id!, body],
      ['Provenance', provenanceId, provenance(at)],
    ] as const) {
      // The same resource may have stood under a subject that was merged away: its history goes on.
      const version = ((await tx.study.research(type, id))?.version ?? 0) + 1;
      await tx.study.putResearch({ type, id, subject, version, lastUpdated: at, deleted: false, body: text });
      changed.push({ type, id, version });
    }
    await tx.hospital.putLineage({
      research: name,
      subject,
      site: site.id,
      source: `${source.resourceType}/${source.id}`,
      versionId: source.meta?.versionId ?? null,
      hash,
      map: mapVersion,
      studyVersion,
      at,
    });
  }
  for (const [name, row] of stored) {
    if (kept.has(name) || row.deleted) continue;
    changed.push(await removeResearch(tx, row, at));
    if (row.type !== 'Provenance') await tx.hospital.removeLineage(name);
  }
  await noteChanges(tx, gateway.targets, { site: site.id, subject, at, resources: changed });
  await tx.hospital.putHeld(subject, held);
}

/** Of merged Patients only the surviving one; of Consents those for this study. */
function sourcesOf({ record, assessment }: Participant, types: ReadonlySet<string>): FhirResource[] {
  const ours = new Set(assessment.consents.map(({ consent }) => consent.id));
  return record.resources.filter(
    ({ resourceType, id }) =>
      types.has(resourceType) &&
      (resourceType !== 'Patient' || id === record.patient) &&
      (resourceType !== 'Consent' || ours.has(id)),
  );
}

function pseudonymOf(
  { keys, subject, patient, record }: Participant,
  passing: ReadonlySet<string>,
  kind: DerivedKind,
  id: string,
): string | null {
  if (kind === 'patient') return record.selves.has(`Patient/${id}`) ? patient : null;
  if (kind === 'subject') return subject;
  const type = typeOf(kind);
  const name = `${type}/${id}`;
  if (!passing.has(name)) return null;
  // Asked for again with every change of the person.
  const known = pseudonyms.get(keys) ?? new Map<string, string>();
  pseudonyms.set(keys, known);
  const pseudonym = known.get(name) ?? keyedHash(keys.pseudonym, 'research', type, id);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, pseudonym);
  return pseudonym;
}

const MOST_KNOWN = 50_000;
const pseudonyms = new WeakMap<SiteKeys, Map<string, string>>();

/** `adverse-event` is an AdverseEvent. */
function typeOf(kind: DerivedKind): string {
  const known = types.get(kind) ?? kind.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  types.set(kind, known);
  return known;
}

const types = new Map<DerivedKind, string>();

/** A withdrawal or refusal that people recorded closes the record, whatever the Consents still say. */
function isClosed(standing: Standing): boolean {
  return standing.subject && (standing.reason === 'consent-withdrawn' || standing.reason === 'declined');
}

/** Takes everything of a subject off the study side; histories stay. */
export async function closeResearch(
  gateway: Pick<Gateway, 'targets'>,
  tx: Transaction,
  { site, subject, at }: Omit<Changed, 'resources'>,
): Promise<void> {
  const resources: Changed['resources'][number][] = [];
  for (const row of await tx.study.researchOf(subject)) {
    if (row.deleted) continue;
    resources.push(await removeResearch(tx, row, at));
    await tx.hospital.removeLineage(`${row.type}/${row.id}`);
  }
  await noteChanges(tx, gateway.targets, { site, subject, at, resources });
  await tx.hospital.putHeld(subject, []);
  await keepGranted(tx, subject, {}, at);
  await keepVerdicts(tx, subject, [], 0);
}

/** A version that says the resource is no more. */
async function removeResearch(tx: Transaction, row: ResearchRow, at: string): Promise<Changed['resources'][number]> {
  const { type, id } = row;
  const version = row.version + 1;
  await tx.study.putResearch({ ...row, version, lastUpdated: at, deleted: true });
  return { type, id, version };
}

/** Makes the research record anew when anything it is made from has changed since. */
export async function keepResearch(
  gateway: Gateway,
  tx: Transaction,
  about: Omit<Participant, 'patient'> & { person: Person },
  now: number,
): Promise<void> {
  if (!gateway.research) return;
  const { person, subject, site } = about;
  const name = `research-mark:${subject}`;
  const before = await tx.setting(name);
  // Somebody without any Consent for this study has nothing on the study side, and never had.
  if (before === null && about.assessment.consents.length === 0) return;
  const { version } = await gateway.research();
  const mark = markOf([person.fingerprint, gateway.loaded.study.version, version, now]);
  if (before === mark) return;
  const row = (await tx.hospital.pseudonyms(site.id, person.cluster.members)).find(
    ({ patient }) => pseudonymFor(about.keys.pseudonym, 'subject', patient) === subject,
  );
  if (!row) throw new Error('A subject without a pseudonym.');
  await writeResearch(gateway, tx, { ...about, patient: row.pseudonym });
  const granted = isClosed(about.standing) ? {} : grantedNow(about.care.passage);
  await keepGranted(tx, subject, granted, new Date(gateway.clock()).toISOString());
  const { study } = gateway.loaded;
  const isShared = study.purposes.ofData in granted;
  await keepVerdicts(tx, subject, isShared ? about.assessment.verdicts : [], dayOf(now, study.timezone));
  await tx.putSetting(name, mark);
}

/** A short mark of all that a research record is made from, so that an unchanged one is not made again. */
function markOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
