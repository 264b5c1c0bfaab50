import type { r4 } from '../fhir/resource.ts';
import type { Answer, Answers, Item } from './item.ts';

/** The operators that are understood; a form with another one does not load. */
export const OPERATORS: ReadonlySet<string> = new Set(['exists', '=', '!=']);

/** Whether an item is asked after these answers (FHIR R4, Questionnaire.item.enableWhen, enableBehavior). */
export function isEnabled(item: Item, answers: Answers): boolean {
  const conditions = item.enableWhen ?? [];
  if (conditions.length === 0) return true;
  const holds = (condition: r4.QuestionnaireItemEnableWhen) => isMet(condition, answers);
  return item.enableBehavior === 'any' ? conditions.some(holds) : conditions.every(holds);
}

function isMet(condition: r4.QuestionnaireItemEnableWhen, answers: Answers): boolean {
  const given = answers.get(condition.question) ?? [];
  if (condition.operator === 'exists') return given.length > 0 === condition.answerBoolean;
  const equal = given.some((answer) => equals(answer, condition));
  return condition.operator === '=' ? equal : !equal;
}

/** `answerX` of the condition against `valueX` of the answer; codings by system and code. */
function equals(answer: Answer, condition: r4.QuestionnaireItemEnableWhen): boolean {
  const wanted = Object.entries(condition).find(([key]) => /^answer[A-Z]/.test(key));
  if (!wanted) return false;
  const given = answer[wanted[0].replace('answer', 'value') as keyof Answer];
  if (wanted[0] !== 'answerCoding') return given === wanted[1];
  const [a, b] = [given as r4.Coding | undefined, wanted[1] as r4.Coding];
  return a?.system === b.system && a?.code === b.code;
}
