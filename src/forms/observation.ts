import type { r4 } from '../fhir/resource.ts';
import { type Answers, categoryOf, type Item, unitOf } from './item.ts';
import { concept, type Making, type Slot, timeNamed } from './make.ts';

const SNOMED = 'http://snomed.info/sct';
/** Signs are answered by qualifiers of SNOMED CT: present, absent. */
const PRESENT = '52101004';
const ABSENT = '2667000';
const ABSENT_REASON = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';

interface Coded {
  item: Item;
  category: r4.CodeableConcept | null;
}

/**
 * An Observation for every item with a code; a group with a code is one with components (SDC, "Observation based
 * extraction"). A sign is present (true), absent (false), or has a dataAbsentReason when nobody looked.
 */
export function observationSlots(making: Making): Slot[] {
  const { subject, author, response, answers } = making;
  return codedItems(making.questionnaire.item ?? [], null).map(({ item, category }) => {
    const kind = { ...(category ? { category: [category] } : {}), code: { coding: item.code ?? [] } };
    const filled = () => {
      const result = item.type === 'group' ? componentsOf(item, answers) : resultOf(item, answers);
      if (!result) return null;
      return {
        status: response.status === 'amended' ? 'amended' : 'final',
        ...kind,
        subject,
        ...timeNamed(making, 'examined', 'effectiveDateTime'),
        performer: [author],
        ...result,
        derivedFrom: [{ reference: `QuestionnaireResponse/${response.id}` }],
      };
    };
    return {
      type: 'Observation',
      linkId: item.linkId,
      filled,
      erased: { status: 'entered-in-error', ...kind, subject },
    };
  });
}

/** Items with a code, each with the nearest category above it; what is inside a coded group is part of it. */
function codedItems(items: readonly Item[], above: r4.CodeableConcept | null): Coded[] {
  return items.flatMap((item) => {
    const category = categoryOf(item) ?? above;
    return item.code ? [{ item, category }] : codedItems(item.item ?? [], category);
  });
}

function componentsOf(group: Item, answers: Answers): { component: object[] } | null {
  const component = (group.item ?? []).flatMap((item) => {
    const result = item.code ? resultOf(item, answers) : null;
    return result ? [{ code: { coding: item.code }, ...result }] : [];
  });
  return component.length > 0 ? { component } : null;
}

function resultOf(item: Item, answers: Answers): object | null {
  const answer = answers.get(item.linkId)?.[0];
  if (!answer) return null;
  const { valueCoding: coding, valueDecimal: value } = answer;
  if (coding?.system === ABSENT_REASON) return { dataAbsentReason: concept(coding) };
  if (coding?.system === SNOMED && (coding.code === PRESENT || coding.code === ABSENT)) {
    return { valueBoolean: coding.code === PRESENT };
  }
  if (coding) return { valueCodeableConcept: concept(coding) };
  if (value === undefined) return answer;
  const unit = unitOf(item);
  return {
    valueQuantity: {
      value,
      ...(unit ? { unit: unit.display ?? unit.code, system: unit.system, code: unit.code } : {}),
    },
  };
}
