import { AE_BACKPORT } from '../fhir/ae-backport.ts';
import type { r4 } from '../fhir/resource.ts';
import { optionOf } from './item.ts';
import { codeOf, concept, conceptNamed, type Making, referenceOf, type Slot, timeNamed } from './make.ts';

/** HL7 FHIR AE research backport guide 1.0.1. */
const GUIDE = `${AE_BACKPORT}StructureDefinition/`;
const SERIOUSNESS = 'http://terminology.hl7.org/CodeSystem/adverse-event-seriousness';

/**
 * An AdverseEvent. Serious when a criterion holds or the outcome is fatal (study protocol reading, "Adverse events");
 * each criterion is told, also those that do not hold. R4 gives it no status: an erased one carries the guide's.
 */
export function adverseEventSlots(making: Making): Slot[] {
  const { subject, author, response, study } = making;
  const filled = () => {
    const criteria = criteriaOf(making);
    const serious = codeOf(making, 'outcome') === 'fatal' || criteria.some(({ present }) => present);
    return {
      extension: criteria.map(({ code, present }) => ({
        url: `${GUIDE}seriousness-criteria`,
        extension: [
          { url: 'criterionCode', valueCodeableConcept: concept(code) },
          { url: 'criterionPresent', valueBoolean: present },
        ],
      })),
      actuality: 'actual',
      event: eventOf(making),
      subject,
      ...timeNamed(making, 'onset', 'date'),
      ...timeNamed(making, 'detected', 'detected'),
      ...(response.authored === undefined ? {} : { recordedDate: response.authored }),
      seriousness: { coding: [{ system: SERIOUSNESS, code: serious ? 'serious' : 'non-serious' }] },
      ...conceptNamed(making, 'severity'),
      ...conceptNamed(making, 'outcome'),
      recorder: author,
      ...suspectOf(making),
      study: [{ reference: `ResearchStudy/${study.id}` }],
    };
  };
  const modifierExtension = [{ url: `${GUIDE}status`, valueCode: 'entered-in-error' }];
  return [
    { type: 'AdverseEvent', linkId: 'term', filled, erased: { modifierExtension, actuality: 'actual', subject } },
  ];
}

/** Questions with the same code are one criterion: it holds when any of them is answered with yes. */
function criteriaOf({ items, answers }: Making): { code: r4.Coding; present: boolean }[] {
  const criteria = new Map<string, { code: r4.Coding; present: boolean }>();
  for (const item of items) {
    const answer = answers.get(item.linkId)?.[0]?.valueBoolean;
    const code = item.code?.[0];
    if (answer === undefined || !code) continue;
    const key = `${code.system}|${code.code}`;
    criteria.set(key, { code, present: answer || criteria.get(key)?.present === true });
  }
  return [...criteria.values()];
}

/** The event by code with the words of the form, or in words alone. */
function eventOf({ items, answers }: Making): r4.CodeableConcept {
  const answer = answers.get('term')?.[0];
  if (answer?.valueString !== undefined) return { text: answer.valueString };
  const item = items.find(({ linkId }) => linkId === 'term');
  const option = item && optionOf(item, answer?.valueCoding);
  return { ...concept(answer?.valueCoding ?? {}), ...(option?.display ? { text: option.display } : {}) };
}

function suspectOf(making: Making): object {
  const instance = referenceOf(making, 'procedure');
  if (!instance) return {};
  const related = conceptNamed(making, 'relatedness', 'assessment');
  return { suspectEntity: [{ instance, ...(Object.keys(related).length > 0 ? { causality: [related] } : {}) }] };
}
