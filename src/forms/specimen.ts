import { KIT } from '../fhir/kit.ts';
import { unitOf } from './item.ts';
import { codingsOf, concept, conceptNamed, type Making, referenceOf, type Slot, timeNamed } from './make.ts';

/** R4 has no element for it: R5's Specimen.collection.procedure by the cross-version extension. */
const PROCEDURE = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Specimen.collection.procedure';

/** A Specimen: the kit, what, when, how much, from where, in which procedure. */
export function specimenSlots(making: Making): Slot[] {
  const { answers, subject, author } = making;
  const filled = () => {
    const kit = answers.get('kit-id')?.[0]?.valueString;
    const procedure = referenceOf(making, 'procedure');
    const [position] = [...codingsOf(making, 'position'), ...codingsOf(making, 'tissue-position')];
    return {
      ...(kit === undefined ? {} : { identifier: [{ system: KIT, value: kit }] }),
      status: 'available',
      ...conceptNamed(making, 'kind', 'type'),
      subject,
      collection: {
        ...(procedure ? { extension: [{ url: PROCEDURE, valueReference: procedure }] } : {}),
        collector: author,
        ...timeNamed(making, 'collected', 'collectedDateTime'),
        ...amountOf(making),
        ...(position ? { bodySite: concept(position) } : {}),
      },
    };
  };
  return [{ type: 'Specimen', linkId: 'kit-id', filled, erased: { status: 'entered-in-error', subject } }];
}

/** Blood by volume, tissue by mass: whichever was answered. */
function amountOf({ items, answers }: Making): object {
  for (const linkId of ['volume', 'mass']) {
    const value = answers.get(linkId)?.[0]?.valueDecimal;
    const item = items.find((one) => one.linkId === linkId);
    const unit = item && unitOf(item);
    if (value !== undefined && unit) {
      return { quantity: { value, unit: unit.display ?? unit.code, system: unit.system, code: unit.code } };
    }
  }
  return {};
}
