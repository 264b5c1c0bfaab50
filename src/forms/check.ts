import type { r4 } from '../fhir/resource.ts';
import type { Study } from '../study/model.ts';
import { OPERATORS } from './enable.ts';
import { versionUrl } from './in-force.ts';
import { ANSWERED_BY, allItems, formOf, type Item, unitOf, wordsOf } from './item.ts';
import { kindOf, QUESTIONS } from './kinds.ts';

/** Keys and indexes that lead to a place in a form. */
export type FormPath = readonly (string | number)[];
export type TellFault = (path: FormPath, message: string) => void;

/** Types of questions that an Observation can carry the answer of. */
const OBSERVED = new Set(['choice', 'decimal', 'boolean', 'group']);

/** Tells everything for which a form could not be filled in or not be turned into resources. */
export function faultsOf(form: r4.Questionnaire, study: Pick<Study, 'forms'>, tell: TellFault): void {
  const kind = kindOf(form);
  if (!kind) {
    tell(['code'], `the code of the form must be a resource type: ${Object.keys(QUESTIONS).join(', ')}`);
    return;
  }
  if (form.status !== 'active') tell(['status'], 'only active forms are offered');
  inBothLanguages(wordsOf(form.title, form._title), ['title'], tell);
  const items = placed(form.item ?? [], ['item']);
  for (const { item, path } of items) {
    checkItem(item, path, items, tell);
    if (kind === 'Observation' && item.code && !OBSERVED.has(item.type)) {
      tell(path, `an Observation carries no answer of type ${item.type}`);
    }
  }
  for (const [linkId, type] of Object.entries(QUESTIONS[kind])) {
    const found = items.find(({ item }) => item.linkId === linkId);
    if (found?.item.type !== type)
      tell(found?.path ?? ['item'], `a form of this code asks "${linkId}", of type ${type}`);
    else if (linkId === 'version') checkVersions(found.item, found.path, study, tell);
    else checkCodes(found.item, found.path, tell);
  }
}

interface Placed {
  item: Item;
  path: FormPath;
}

function placed(items: readonly Item[], path: FormPath): Placed[] {
  return items.flatMap((item, index) => {
    const here = [...path, index];
    return [{ item, path: here }, ...placed(item.item ?? [], [...here, 'item'])];
  });
}

function checkItem(item: Item, path: FormPath, all: readonly Placed[], tell: TellFault): void {
  const { linkId, type } = item;
  if (!/^[a-z][a-z.-]{0,39}$/.test(linkId)) tell([...path, 'linkId'], 'a linkId is small letters, dots and hyphens');
  if (all.find((one) => one.item.linkId === linkId)?.item !== item)
    tell([...path, 'linkId'], 'two items have this linkId');
  inBothLanguages(wordsOf(item.text, item._text), [...path, 'text'], tell);
  if (type !== 'group' && type !== 'display') {
    if (!ANSWERED_BY[type]) tell([...path, 'type'], `questions of type ${type} are not understood`);
    if (allItems(item.item).length > 0)
      tell([...path, 'item'], 'questions inside a question are not understood: use a group');
  }
  if (type === 'group' && item.repeats) tell([...path, 'repeats'], 'groups that repeat are not understood');
  if (item.code && type === 'decimal' && unitOf(item)?.code === undefined)
    tell(path, 'a number with a code needs a unit');
  const options = item.answerOption ?? [];
  if ((type === 'choice' || type === 'open-choice') && options.length === 0) tell(path, 'the options are missing');
  for (const [index, { valueCoding }] of options.entries()) {
    const here = [...path, 'answerOption', index];
    if (!valueCoding?.system || !valueCoding.code) tell(here, 'an option needs system and code');
    else inBothLanguages(wordsOf(valueCoding.display, valueCoding._display), here, tell);
  }
  for (const [index, { question, operator }] of (item.enableWhen ?? []).entries()) {
    const here = [...path, 'enableWhen', index];
    if (!OPERATORS.has(operator)) tell(here, `the operator must be one of ${[...OPERATORS].join(', ')}`);
    if (!all.some((one) => one.item.linkId === question)) tell(here, 'there is no such question');
  }
  try {
    formOf(item);
  } catch {
    tell(path, 'the regex is none');
  }
}

function inBothLanguages({ zh, en }: { zh: string; en: string }, path: FormPath, tell: TellFault): void {
  if (zh === '' || en === zh) tell(path, 'the text is needed in Chinese, and in English as its translation');
}

/** On these answers it depends what a response means. */
const DECIDING: Readonly<Record<string, readonly string[]>> = {
  decision: ['permit', 'deny'],
  signer: ['Patient', 'RelatedPerson'],
};

function checkCodes(item: Item, path: FormPath, tell: TellFault): void {
  const wanted = DECIDING[item.linkId];
  const codes = (item.answerOption ?? []).map(({ valueCoding }) => valueCoding?.code);
  if (wanted && codes.join() !== wanted.join()) {
    tell([...path, 'answerOption'], `the codes of the options must be ${wanted.join(', ')}`);
  }
}

/** What can be signed is what the study knows, neither more nor less. */
function checkVersions(item: Item, path: FormPath, { forms }: Pick<Study, 'forms'>, tell: TellFault): void {
  const offered = (item.answerOption ?? []).map(({ valueCoding }) => versionUrl(valueCoding));
  const known = forms.map(({ url }) => url);
  if (offered.sort().join() !== known.sort().join()) {
    tell([...path, 'answerOption'], 'the versions must be those of consent-forms.yaml, by base and version');
  }
}
