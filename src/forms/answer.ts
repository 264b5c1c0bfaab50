import { Temporal } from 'temporal-polyfill';
import type { r4 } from '../fhir/resource.ts';
import { type FormFault, formFault } from './fault.ts';
import { type Answer, type Item, plainCoding, wordsOf } from './item.ts';

const YES = /^(true|yes|y|是|有)$/i;
const NO = /^(false|no|n|否|无)$/i;
const LOCAL = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)$/;

/**
 * Reads what somebody wrote as the answers to a question: options by code, by number in the list or by their words,
 * times without offset in the zone. Whether they are right is for readAnswers to say.
 * @param given a text, number or boolean, or a list of them
 */
export function answersFrom(item: Item, given: unknown, zone: string): Answer[] | FormFault {
  const answers: Answer[] = [];
  for (const one of Array.isArray(given) ? given : [given]) {
    const answer = answerFrom(item, one, zone);
    if (!answer) return formFault(item.linkId, item.type === 'choice' ? 'not-an-option' : 'wrong-type');
    answers.push(answer);
  }
  return answers;
}

/** By code, by words, by the number under which it is listed (from 1). */
function optionAt(item: Item, text: string): r4.Coding | null {
  const options = (item.answerOption ?? []).flatMap(({ valueCoding }) => valueCoding ?? []);
  const asked = text.trim().toLowerCase();
  const found =
    options.find(({ code }) => code?.toLowerCase() === asked) ??
    options.find((option) => {
      const { zh, en } = wordsOf(option.display, option._display);
      return [zh, en].some((words) => words.toLowerCase() === asked);
    }) ??
    (/^\d{1,2}$/.test(asked) ? options[Number(asked) - 1] : undefined);
  return found ?? null;
}

function answerFrom(item: Item, given: unknown, zone: string): Answer | null {
  if (!['string', 'number', 'boolean'].includes(typeof given)) return null;
  const text = String(given).trim();
  switch (item.type) {
    case 'boolean':
      return YES.test(text) ? { valueBoolean: true } : NO.test(text) ? { valueBoolean: false } : null;
    case 'decimal':
      return /^-?\d+(\.\d+)?$/.test(text) ? { valueDecimal: Number(text) } : null;
    case 'integer':
      return /^-?\d+$/.test(text) ? { valueInteger: Number(text) } : null;
    case 'date':
      return { valueDate: text };
    case 'dateTime':
      return { valueDateTime: timeFrom(text, zone) };
    case 'choice':
    case 'open-choice': {
      const option = optionAt(item, text);
      if (option) return { valueCoding: plainCoding(option) };
      return item.type === 'open-choice' ? { valueString: text } : null;
    }
    case 'reference':
      return { valueReference: { reference: text } };
    default:
      return { valueString: text };
  }
}

/** `2024-08-15 10:30` with the offset of the zone; whatever else stays as it is. */
function timeFrom(text: string, zone: string): string {
  const local = LOCAL.exec(text);
  if (!local) return text;
  const [, day, time] = local as unknown as [string, string, string];
  const full = `${day}T${time.length === 5 ? `${time}:00` : time}`;
  try {
    return full + Temporal.PlainDateTime.from(full, { overflow: 'reject' }).toZonedDateTime(zone).offset;
  } catch {
    return text;
  }
}
