import { readReference } from '../fhir/reference.ts';
import type { r4 } from '../fhir/resource.ts';
import { spanOf } from '../fhir/time.ts';
import { isEnabled } from './enable.ts';
import { type FormFault, type FormFaultCode, formFault } from './fault.ts';
import {
  ANSWERED_BY,
  type Answer,
  type Answers,
  allItems,
  boundsOf,
  formOf,
  type Item,
  optionOf,
  targetsOf,
} from './item.ts';

/** Clocks of a hospital differ by as much. */
const CLOCK_SKEW_MS = 300_000;

/** When the response was signed, and the zone of times that name none. */
export interface Signed {
  /** Milliseconds since 1970; Infinity when it is not known. */
  by: number;
  zone: string;
}

/**
 * The answers of a response and everything that is wrong with them: unknown and repeated questions, types, options,
 * forms, bounds, what is missing, what was not asked (FHIR R4, QuestionnaireResponse). The shape was checked before.
 */
export function readAnswers(
  questionnaire: r4.Questionnaire,
  response: Pick<r4.QuestionnaireResponse, 'item'>,
  signed: Signed,
): { answers: Answers; faults: FormFault[] } {
  const answers = new Map<string, readonly Answer[]>();
  const faults: FormFault[] = [];
  collect(questionnaire.item ?? [], response.item ?? [], answers, faults);
  for (const item of allItems(questionnaire.item)) {
    for (const answer of answers.get(item.linkId) ?? []) {
      const code = answerFault(item, answer, signed);
      if (code) faults.push(formFault(item.linkId, code));
    }
  }
  ask(questionnaire.item ?? [], answers, { asked: true, required: true }, faults);
  return { answers, faults };
}

type ResponseItem = r4.QuestionnaireResponseItem;

function collect(
  items: readonly Item[],
  given: readonly ResponseItem[],
  answers: Map<string, readonly Answer[]>,
  faults: FormFault[],
): void {
  const seen = new Set<string>();
  for (const one of given) {
    const item = items.find(({ linkId }) => linkId === one.linkId);
    if (!item || item.type === 'display') {
      faults.push(formFault(named(one.linkId), 'unknown-item'));
      continue;
    }
    const { linkId } = item;
    if (seen.has(linkId)) faults.push(formFault(linkId, 'item-repeated'));
    seen.add(linkId);
    const own = one.answer ?? [];
    if (item.type === 'group') {
      if (own.length > 0) faults.push(formFault(linkId, 'wrong-type'));
      collect(item.item ?? [], one.item ?? [], answers, faults);
      continue;
    }
    for (const inner of [...(one.item ?? []), ...own.flatMap((answer) => answer.item ?? [])]) {
      faults.push(formFault(named(inner.linkId), 'unknown-item'));
    }
    if (own.length > 1 && item.repeats !== true) faults.push(formFault(linkId, 'answer-repeated'));
    if (own.length > 0) answers.set(linkId, own);
  }
}

/** A linkId that no form has may hold anything: it is repeated only when it looks like one. */
export function named(linkId: string): string {
  return /^[a-z][a-z.-]{0,39}$/.test(linkId) ? linkId : '?';
}

/** What is missing, and what was not asked. In a group that may be left out, nothing is missing until it is begun. */
function ask(
  items: readonly Item[],
  answers: Answers,
  above: { asked: boolean; required: boolean },
  faults: FormFault[],
): void {
  for (const item of items) {
    const asked = above.asked && isEnabled(item, answers);
    const answered = allItems([item]).some(({ linkId }) => answers.has(linkId));
    if (item.type === 'group') {
      ask(
        item.item ?? [],
        answers,
        { asked, required: (above.required && item.required === true) || answered },
        faults,
      );
    } else if (answered && !asked) faults.push(formFault(item.linkId, 'not-asked'));
    else if (!answered && asked && above.required && item.required === true) {
      faults.push(formFault(item.linkId, 'missing'));
    }
  }
}

/** What is wrong with one answer to a question; null when nothing is. */
export function answerFault(item: Item, answer: Answer, signed: Signed): FormFaultCode | null {
  const values = Object.keys(answer).filter((key) => key.startsWith('value'));
  const key = values[0] as keyof Answer | undefined;
  if (values.length !== 1 || !key || !ANSWERED_BY[item.type]?.includes(key)) return 'wrong-type';
  switch (key) {
    case 'valueCoding':
      return optionOf(item, answer.valueCoding) ? null : 'not-an-option';
    case 'valueString':
      return isWritten(item, answer.valueString ?? '') ? null : 'malformed';
    case 'valueDecimal':
    case 'valueInteger': {
      const { low, high } = boundsOf(item);
      const number = Number(answer[key]);
      return number >= low && number <= high ? null : 'out-of-range';
    }
    case 'valueDate':
    case 'valueDateTime':
      return faultOfTime(String(answer[key]), signed);
    case 'valueReference':
      return leadsRight(item, answer.valueReference?.reference ?? '') ? null : 'malformed';
    default:
      return null;
  }
}

function isWritten(item: Item, text: string): boolean {
  return text.trim() !== '' && text.length <= (item.maxLength ?? Infinity) && (formOf(item)?.test(text) ?? true);
}

/** A month says too little; nobody signs for what is still to come. */
function faultOfTime(text: string, { by, zone }: Signed): FormFaultCode | null {
  const span = text.length < 10 ? null : spanOf(text, zone);
  if (!span) return 'malformed';
  return span.start > by + CLOCK_SKEW_MS ? 'after-signature' : null;
}

/** To a resource of a type that is asked for; a `urn:` of the same Bundle does not tell its type. */
function leadsRight(item: Item, reference: string): boolean {
  const target = readReference(reference);
  if (target.kind === 'urn') return true;
  const types = targetsOf(item);
  return (
    (target.kind === 'relative' || target.kind === 'absolute') && (types.length === 0 || types.includes(target.type))
  );
}
