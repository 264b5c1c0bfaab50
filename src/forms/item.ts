import type { r4 } from '../fhir/resource.ts';
import type { Words } from '../study/model.ts';

export type Item = r4.QuestionnaireItem;
export type Answer = r4.QuestionnaireResponseItemAnswer;
/** The answers of a response by linkId; unanswered questions and groups are not in it. */
export type Answers = ReadonlyMap<string, readonly Answer[]>;

const BASE = 'http://hl7.org/fhir/StructureDefinition/';
/** SDC: the category that Observations made of an item and its descendants have. */
const CATEGORY = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observation-extract-category';

/** The types of questions, and how each is answered (FHIR R4, Questionnaire.item.type). Others do not load. */
export const ANSWERED_BY: Readonly<Record<string, readonly (keyof Answer)[]>> = {
  boolean: ['valueBoolean'],
  decimal: ['valueDecimal'],
  integer: ['valueInteger'],
  date: ['valueDate'],
  dateTime: ['valueDateTime'],
  string: ['valueString'],
  text: ['valueString'],
  choice: ['valueCoding'],
  'open-choice': ['valueCoding', 'valueString'],
  reference: ['valueReference'],
};

/** Every item of a form, groups before what is in them. */
export function allItems(items: readonly Item[] | undefined): Item[] {
  return (items ?? []).flatMap((item) => [item, ...allItems(item.item)]);
}

/** A text with its English translation; the text itself is Chinese. Without a translation it stands for both. */
export function wordsOf(text: string | undefined, translations: r4.Element | undefined): Words {
  const zh = text ?? '';
  const english = extensionsOf(translations, `${BASE}translation`).find(
    (one) => extensionsOf(one, 'lang')[0]?.valueCode === 'en',
  );
  return { zh, en: (english && extensionsOf(english, 'content')[0]?.valueString) ?? zh };
}

/** The unit of a number (extension questionnaire-unit), as UCUM coding. */
export function unitOf(item: Item): r4.Coding | null {
  return extensionsOf(item, `${BASE}questionnaire-unit`)[0]?.valueCoding ?? null;
}

/** The plausible numbers, both ends included. */
export function boundsOf(item: Item): { low: number; high: number } {
  const bound = (name: string) => {
    const found = extensionsOf(item, BASE + name)[0];
    return found?.valueDecimal ?? found?.valueInteger;
  };
  return { low: bound('minValue') ?? -Infinity, high: bound('maxValue') ?? Infinity };
}

/** The form a text must have, over its whole length; null when any will do. */
export function formOf(item: Item): RegExp | null {
  const form = extensionsOf(item, `${BASE}regex`)[0]?.valueString;
  return form === undefined ? null : new RegExp(`^(?:${form})$`);
}

/** The resource types that a reference may lead to; none: any. */
export function targetsOf(item: Item): string[] {
  return extensionsOf(item, `${BASE}questionnaire-referenceResource`).flatMap(({ valueCode }) => valueCode ?? []);
}

/** The category of Observations made of an item; null where the item says nothing. */
export function categoryOf(item: Item): r4.CodeableConcept | null {
  return extensionsOf(item, CATEGORY)[0]?.valueCodeableConcept ?? null;
}

/** The option that was chosen, as the form has it; null for one it does not have. */
export function optionOf(item: Item, coding: r4.Coding | undefined): r4.Coding | null {
  const options = (item.answerOption ?? []).flatMap(({ valueCoding }) => valueCoding ?? []);
  return options.find(({ system, code }) => system === coding?.system && code === coding?.code) ?? null;
}

/** An option as a response repeats it: without translations. */
export function plainCoding({ system, code, display }: r4.Coding): r4.Coding {
  const parts = { system, code, display };
  return Object.fromEntries(Object.entries(parts).filter(([, text]) => text !== undefined));
}

function extensionsOf(owner: { extension?: r4.Extension[] | undefined } | undefined, url: string): r4.Extension[] {
  return (owner?.extension ?? []).filter((one) => one.url === url);
}
