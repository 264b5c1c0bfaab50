import type { r4 } from '../fhir/resource.ts';
import { answersFrom } from './answer.ts';
import { isEnabled } from './enable.ts';
import { formFault } from './fault.ts';
import { type Answer, type Answers, type Item, wordsOf } from './item.ts';
import { answerFault, type Signed } from './validate.ts';

/** What a dialogue needs of the terminal. */
export interface Dialogue {
  /** Shows a question and waits for a line. */
  ask(question: string): Promise<string>;
  tell(line: string): void;
  /** The form as it is to be offered after these answers. */
  offered(answers: Answers): r4.Questionnaire;
  signed: Signed;
}

/**
 * Asks every question that is to be asked, in the order of the form and in both languages, until the answer is right.
 * What is known already is not asked. An empty line takes the option selected beforehand, or leaves out what need not be answered.
 */
export async function converse(questionnaire: r4.Questionnaire, known: Answers, dialogue: Dialogue): Promise<Answers> {
  const answers = new Map<string, readonly Answer[]>(known);
  await askItems(questionnaire.item ?? [], answers, dialogue);
  return answers;
}

async function askItems(items: readonly Item[], answers: Map<string, readonly Answer[]>, dialogue: Dialogue) {
  for (const item of items) {
    if (!isEnabled(item, answers) || answers.has(item.linkId)) continue;
    if (item.type === 'group' || item.type === 'display') dialogue.tell(`\n${bothWords(item)}`);
    if (item.type === 'group') await askItems(item.item ?? [], answers, dialogue);
    else if (item.type !== 'display') {
      const offered = dialogue.offered(answers).item?.find(({ linkId }) => linkId === item.linkId) ?? item;
      const given = await askOne(offered, dialogue);
      if (given.length > 0) answers.set(item.linkId, given);
    }
  }
}

async function askOne(item: Item, { ask, tell, signed }: Dialogue): Promise<Answer[]> {
  for (;;) {
    const line = (await ask(questionOf(item))).trim();
    const selected = item.answerOption?.find(({ initialSelected }) => initialSelected)?.valueCoding?.code;
    const text = line === '' ? (selected ?? '') : line;
    if (text === '' && item.required !== true) return [];
    const given = text === '' ? formFault(item.linkId, 'missing') : answersFrom(item, partsOf(item, text), signed.zone);
    const code = Array.isArray(given) ? given.map((one) => answerFault(item, one, signed)).find(Boolean) : given.code;
    if (!code && Array.isArray(given)) return given;
    tell(`  ✗ ${formFault(item.linkId, code ?? 'wrong-type').message}`);
  }
}

function partsOf(item: Item, text: string): string | string[] {
  return item.repeats ? text.split(/[,，、]/).map((part) => part.trim()) : text;
}

function questionOf(item: Item): string {
  const options = (item.answerOption ?? []).map(({ valueCoding, initialSelected }, index) => {
    const { zh, en } = wordsOf(valueCoding?.display, valueCoding?._display);
    return `\n  ${index + 1}  ${zh} / ${en}${initialSelected ? '  ←' : ''}`;
  });
  const hints = [
    ...(item.type === 'boolean' ? ['是/否 y/n'] : []),
    ...(item.type === 'dateTime' ? ['YYYY-MM-DD HH:MM'] : []),
    ...(item.repeats ? ['1,2,…'] : []),
    ...(item.required ? [] : ['可留空 optional']),
  ];
  return `${bothWords(item)}${hints.length > 0 ? ` (${hints.join('; ')})` : ''}${options.join('')}\n> `;
}

function bothWords(item: Item): string {
  const { zh, en } = wordsOf(item.text, item._text);
  return `${zh} / ${en}`;
}
