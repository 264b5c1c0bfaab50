import { readReference } from '../fhir/reference.ts';
import type { r4 } from '../fhir/resource.ts';
import type { Collecting, CollectionContext } from './about.ts';
import { assessSpecimen, type SpecimenAssessment } from './specimen.ts';
import { type AskCode, asksOf } from './words.ts';

/**
 * Judges all specimens of a person. A derived one takes over the holds, and with them the quarantine, of everything it
 * was made of; where a parent is not there, entered in error, or the lineage leads in a circle, its time is to be
 * confirmed. Specimens entered in error are left out.
 * @returns in the order of their ids, whatever the order of the input
 */
export function assessSpecimens(
  specimens: readonly r4.Specimen[],
  about: Collecting,
  context: CollectionContext,
): SpecimenAssessment[] {
  const byId = new Map(
    specimens.filter(({ status }) => status !== 'entered-in-error').map((one) => [one.id ?? '', one]),
  );
  const done = new Map<string, SpecimenAssessment>();
  const ids = [...byId.keys()].sort();
  for (const id of ids) assess(id);
  return withDuplicateKits(ids.map((id) => done.get(id)!));

  function assess(id: string): SpecimenAssessment {
    const known = done.get(id);
    if (known) return known;
    const specimen = byId.get(id)!;
    const circular = isCircular(id, byId);
    const parents = circular ? [] : parentsOf(specimen);
    const complete = parents.length > 0 && parents.every((parent) => byId.has(parent));
    const own = assessSpecimen(specimen, about, context, complete ? parents.map(assess) : null);
    const assessment = circular ? { ...own, asks: asksOf(circle(own)) } : own;
    done.set(id, assessment);
    return assessment;
  }
}

/** A circle says more than that a parent is unknown. */
function circle({ asks }: SpecimenAssessment): Set<AskCode> {
  return new Set<AskCode>([
    ...asks.map(({ code }) => code).filter((code) => code !== 'parent-unknown'),
    'parent-cycle',
  ]);
}

/** Ids of the parents; what is no reference to a Specimen of the same hospital leads nowhere. */
function parentsOf({ parent = [] }: r4.Specimen): string[] {
  return parent.map(({ reference }) => {
    const target = readReference(reference ?? '');
    return target.kind === 'relative' && target.type === 'Specimen' ? target.id : '?';
  });
}

/** Whether a specimen's lineage leads back to itself. */
function isCircular(id: string, byId: ReadonlyMap<string, r4.Specimen>): boolean {
  const above = new Set<string>();
  const next = [id];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    const specimen = byId.get(at);
    for (const parent of specimen ? parentsOf(specimen) : []) {
      if (parent === id) return true;
      if (!above.has(parent)) next.push(parent);
      above.add(parent);
    }
  }
  return false;
}

function withDuplicateKits(assessments: readonly SpecimenAssessment[]): SpecimenAssessment[] {
  const holders = Map.groupBy(assessments, ({ kit }) => kit);
  return assessments.map((one) => {
    const duplicate = one.kit !== null && holders.get(one.kit)!.length > 1;
    return duplicate
      ? { ...one, asks: asksOf(new Set([...one.asks.map(({ code }) => code), 'kit-duplicate' as const])) }
      : one;
  });
}
