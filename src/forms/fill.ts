import type { r4 } from '../fhir/resource.ts';
import { answersFrom } from './answer.ts';
import { isEnabled } from './enable.ts';
import { type FormFault, formFault } from './fault.ts';
import { type Answer, type Answers, allItems, type Item, plainCoding } from './item.ts';
import { named } from './validate.ts';

/** What is said of a response beside its answers. */
export interface Head {
  id: string;
  versionId: string;
  status: 'completed' | 'amended' | 'entered-in-error';
  /** Instant of signing, ISO 8601. */
  at: string;
  subject: r4.Reference;
  author: r4.Reference;
}

/** Reads answers given by linkId, of whatever order; an empty one (null, '') is none. */
export function readGiven(
  questionnaire: r4.Questionnaire,
  given: Readonly<Record<string, unknown>>,
  zone: string,
): { answers: Map<string, readonly Answer[]>; faults: FormFault[] } {
  const answers = new Map<string, readonly Answer[]>();
  const faults: FormFault[] = [];
  const items = new Map(allItems(questionnaire.item).map((item) => [item.linkId, item]));
  for (const [linkId, value] of Object.entries(given)) {
    const item = items.get(linkId);
    if (!item || item.type === 'group' || item.type === 'display')
      faults.push(formFault(named(linkId), 'unknown-item'));
    else if (value !== null && value !== '') {
      const read = answersFrom(item, value, zone);
      if (Array.isArray(read)) answers.set(linkId, read);
      else faults.push(read);
    }
  }
  return { answers, faults };
}

/** The answers, with the options selected beforehand of questions that are asked and were not answered. */
export function selectedBeforehand(questionnaire: r4.Questionnaire, answers: Answers): Answers {
  const all = new Map(answers);
  for (const item of allItems(questionnaire.item)) {
    const selected = item.answerOption?.filter(({ initialSelected, valueCoding }) => initialSelected && valueCoding);
    if (!selected?.length || all.has(item.linkId) || !isEnabled(item, all)) continue;
    all.set(
      item.linkId,
      selected.map(({ valueCoding }) => ({ valueCoding: plainCoding(valueCoding!) })),
    );
  }
  return all;
}

/** A QuestionnaireResponse in the order of the form (FHIR R4, QuestionnaireResponse.item). */
export function responseOf(questionnaire: r4.Questionnaire, answers: Answers, head: Head): r4.QuestionnaireResponse {
  const item = responseItems(questionnaire.item ?? [], answers);
  const { url, version } = questionnaire;
  return {
    resourceType: 'QuestionnaireResponse',
    id: head.id,
    meta: { versionId: head.versionId, lastUpdated: head.at },
    questionnaire: version === undefined ? url! : `${url}|${version}`,
    status: head.status,
    subject: head.subject,
    authored: head.at,
    author: head.author,
    ...(item.length > 0 ? { item } : {}),
  };
}

function responseItems(items: readonly Item[], answers: Answers): r4.QuestionnaireResponseItem[] {
  return items.flatMap((item): r4.QuestionnaireResponseItem[] => {
    const { linkId } = item;
    if (item.type === 'group') {
      const inner = responseItems(item.item ?? [], answers);
      return inner.length > 0 ? [{ linkId, item: inner }] : [];
    }
    const answer = answers.get(linkId);
    return answer && answer.length > 0 ? [{ linkId, answer: [...answer] }] : [];
  });
}
