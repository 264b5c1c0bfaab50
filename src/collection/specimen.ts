import type { r4 } from '../fhir/resource.ts';
import type { Span } from '../fhir/time.ts';
import type { Coded } from '../study/coded.ts';
import { readConcept } from '../terminology/concept.ts';
import { normaliseText } from '../terminology/normalise.ts';
import type { Collecting, CollectionContext } from './about.ts';
import { kitOf } from './kit.ts';
import { type CollectionTime, collectionTime, SOMETIME } from './order.ts';
import { surgeryOf } from './surgery.ts';
import { judgeVolume } from './volume.ts';
import { type AskCode, asksOf, type DeviationCode, deviationsOf, type HoldCode, holdsOf } from './words.ts';

export type SpecimenKind = 'blood' | 'tissue' | 'derived' | 'other';

/** What is to be said of a specimen. Kept whatever is said: deviations mark it, holds keep it from being released. */
export interface SpecimenAssessment {
  /** `Specimen/id`, the hospital's. */
  specimen: string;
  kind: SpecimenKind;
  /** The study's kit id; null when it has none, or none of the right form. */
  kit: string | null;
  /** When it was collected; of a derived specimen, unless it says so itself, when what it was made of was. */
  collected: CollectionTime | null;
  /** Of a derived specimen none: they are those of the draw. An accepted one stays marked. */
  deviations: (Coded<DeviationCode> & { accepted: boolean })[];
  holds: Coded<HoldCode>[];
  /** Collected when no consent was in force, or consent withdrawn; no acceptance lifts it. */
  quarantined: boolean;
  /** For the study team at the hospital. */
  asks: Coded<AskCode>[];
}

/** What a specimen is: by its parents, else by the study's sets. Two kinds at once are none. */
export function kindOf(specimen: r4.Specimen, { rules, site }: CollectionContext): SpecimenKind {
  if (specimen.parent?.length) return 'derived';
  const { sets } = readConcept(specimen.type, site.terminology, rules.sets);
  const kinds = (['blood', 'tissue', 'derived'] as const).filter((kind) => sets.has(rules.kinds[kind]));
  return kinds.length === 1 ? kinds[0]! : 'other';
}

/**
 * Judges a specimen against consent, operation, volume and position (study protocol reading, "Specimens"). What cannot
 * be ordered or is not known is held or asked about, and is never a deviation.
 * @param parents the assessments of what a derived specimen was made of; null when one of them is not known: then the
 * order of its collection is not either. Of no concern to others
 */
export function assessSpecimen(
  specimen: r4.Specimen,
  about: Collecting,
  context: CollectionContext,
  parents: readonly SpecimenAssessment[] | null = null,
): SpecimenAssessment {
  const kind = kindOf(specimen, context);
  const { kit, ask } = kitOf(specimen, context.rules);
  const found = { deviations: new Set<DeviationCode>(), holds: new Set<HoldCode>(), asks: new Set<AskCode>() };
  if (ask && kind !== 'other') found.asks.add(ask);
  if (kind === 'other') found.asks.add('not-of-study');
  if (about.withdrawn) found.holds.add('consent-withdrawn');
  if (about.enrolledInError) found.holds.add('enrolled-in-error');
  if (about.guardianEnded) found.holds.add('re-consent');
  if (kind === 'derived') inherit(parents, found);
  else judgeCollection(specimen, kind, about, context, found);
  if (found.deviations.has('before-consent')) found.holds.add('before-consent');
  return {
    specimen: `Specimen/${specimen.id}`,
    kind,
    kit,
    collected: collectionTime(specimen.collection, context.site.timezone) ?? ofParents(parents ?? []),
    deviations: deviationsOf(found.deviations).map((one) => ({
      ...one,
      accepted: isAccepted(specimen, one.code, about),
    })),
    holds: holdsOf(found.holds),
    quarantined: isQuarantined(found.holds),
    asks: asksOf(found.asks),
  };
}

/** From the first to the last of the parents; null when one of them is not known. */
function ofParents(parents: readonly SpecimenAssessment[]): CollectionTime | null {
  const times = parents.flatMap(({ collected }) => collected ?? []);
  if (times.length === 0 || times.length < parents.length) return null;
  const hull = (spans: Span[]) => ({
    start: Math.min(...spans.map(({ start }) => start)),
    end: Math.max(...spans.map(({ end }) => end)),
  });
  return { began: hull(times.map(({ began }) => began)), finished: hull(times.map(({ finished }) => finished)) };
}

interface Found {
  deviations: Set<DeviationCode>;
  holds: Set<HoldCode>;
  asks: Set<AskCode>;
}

function inherit(parents: readonly SpecimenAssessment[] | null, found: Found): void {
  for (const { code } of parents?.flatMap(({ holds }) => holds) ?? []) found.holds.add(code);
  if (parents && parents.length > 0) return;
  found.holds.add('confirm-time');
  found.asks.add('parent-unknown');
}

function judgeCollection(
  specimen: r4.Specimen,
  kind: Exclude<SpecimenKind, 'derived'>,
  about: Collecting,
  context: CollectionContext,
  found: Found,
): void {
  const time = collectionTime(specimen.collection, context.site.timezone);
  if (!time) found.asks.add('time-missing');
  const { purposes } = context.rules;
  // What kind it is decides which purpose covers it; of an unknown kind either may.
  const asked = kind === 'other' ? [purposes.blood, purposes.tissue] : [purposes[kind]];
  const answers = asked.map((purpose) => about.consented(purpose, time?.began ?? SOMETIME));
  const consented = (['yes', 'unknown'] as const).find((one) => answers.includes(one)) ?? 'no';
  if (consented === 'no') found.deviations.add('before-consent');
  if (consented === 'unknown') found.holds.add('confirm-time');
  if (about.collectionWaitsFrom !== null && (time?.began ?? SOMETIME).end > about.collectionWaitsFrom) {
    found.holds.add('re-consent');
  }
  if (kind !== 'blood') return;
  const belongs = time && surgeryOf(time, about.surgeries);
  if (!time && about.surgeries.some(({ started }) => started)) found.holds.add('confirm-time');
  if (belongs?.surgery.started && belongs.order === 'after') found.deviations.add('after-start');
  if (belongs?.surgery.started && belongs.order === null) found.holds.add('confirm-time');
  const volume = judgeVolume(specimen, time?.began ?? null, about, context);
  for (const code of volume.deviations) found.deviations.add(code);
  for (const code of volume.asks) found.asks.add(code);
  const right = isUpperLimb(specimen.collection?.bodySite, context);
  if (right === false) found.deviations.add('wrong-site');
  if (right === null) found.asks.add('position-unknown');
}

/** Whether blood was drawn where it should be; null when neither list knows the place, or both do. */
function isUpperLimb(bodySite: r4.CodeableConcept | undefined, { rules, site }: CollectionContext): boolean | null {
  const { sets } = readConcept(bodySite, site.terminology, rules.sets);
  const text = normaliseText(bodySite?.text ?? '').trim();
  const right = sets.has(rules.position.right) || rules.position.rightTexts.has(text);
  const wrong = sets.has(rules.position.wrong) || rules.position.wrongTexts.has(text);
  return right === wrong ? null : right;
}

function isAccepted(specimen: r4.Specimen, code: DeviationCode, { accepted }: Collecting): boolean {
  const reference = `Specimen/${specimen.id}`;
  const version = `${reference}/_history/${specimen.meta?.versionId}`;
  return accepted.some((one) => (one.about === reference || one.about === version) && (one.code ?? code) === code);
}

function isQuarantined(holds: ReadonlySet<HoldCode>): boolean {
  return holds.has('before-consent') || holds.has('consent-withdrawn');
}
