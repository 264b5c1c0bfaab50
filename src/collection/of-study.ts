import { readReference } from '../fhir/reference.ts';
import type { r4 } from '../fhir/resource.ts';
import { type Days, daysOf } from '../fhir/time.ts';
import type { CollectionContext } from './about.ts';
import { collectionTime } from './order.ts';
import { kindOf } from './specimen.ts';

/**
 * The specimens that are the study's: those with a kit id, whatever was made of them, and – while the study says so –
 * blood and tissue without one from the day of the first signature on. The others are the hospital's own.
 * @param since the days of the first Consent for this study, valid or not; null without one
 */
export function ofStudy(
  specimens: readonly r4.Specimen[],
  since: Days | null,
  context: CollectionContext,
): r4.Specimen[] {
  const { kit, withoutKit } = context.rules;
  const named = new Set(specimens.filter(isNamed).map(({ id }) => id));
  // What is made of a study's specimen is the study's, however often it was divided.
  for (let before = -1; before < named.size; ) {
    before = named.size;
    for (const { id, parent = [] } of specimens) {
      if (parent.some(({ reference }) => named.has(idOf(reference)))) named.add(id);
    }
  }
  return specimens.filter(({ id }) => named.has(id));

  function isNamed(specimen: r4.Specimen): boolean {
    if ((specimen.identifier ?? []).some(({ system }) => system === kit.system)) return true;
    if (withoutKit !== 'study' || !since || !['blood', 'tissue'].includes(kindOf(specimen, context))) return false;
    const time = collectionTime(specimen.collection, context.site.timezone);
    return !time || daysOf(time.finished, context.site.timezone).last >= since.first;
  }
}

function idOf(reference: string | undefined): string | undefined {
  const target = readReference(reference ?? '');
  return target.kind === 'relative' && target.type === 'Specimen' ? target.id : undefined;
}
