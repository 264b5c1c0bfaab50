import { createHash } from 'node:crypto';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { base32 } from '../identity/base32.ts';
import type { Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';
import type { Answers, Item } from './item.ts';

/** A response that was found right, with what its resources take from it. */
export interface Making {
  questionnaire: r4.Questionnaire;
  /** All items of the form, nested ones too. */
  items: readonly Item[];
  answers: Answers;
  response: r4.QuestionnaireResponse;
  /** The Patient, and who signed; without names. */
  subject: r4.Reference;
  author: r4.Reference;
  site: Pick<Site, 'fhirBase'>;
  study: Pick<Study, 'id' | 'consentBase' | 'forms'>;
}

/**
 * One resource that a form may give. `linkId` is the question it stands for: with the id of the response it makes the
 * id of the resource.
 */
export interface Slot {
  type: string;
  linkId: string;
  /** What the answers say; null when the question was not answered. */
  filled: () => object | null;
  /** What takes back an earlier version. */
  erased: object;
}

/** `form-` and 26 characters: the same for every version of a response; no pseudonym has this form. */
export function idOf(response: r4.QuestionnaireResponse, linkId: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([response.id, linkId]), 'utf8')
    .digest();
  return `form-${base32(hash, 26)}`;
}

/** The resource with id and version of the response; `meta.source` is the site's FHIR server. */
export function resourceOf(slot: Slot, body: object, { response, site }: Making): FhirResource {
  const { versionId, lastUpdated } = response.meta ?? {};
  const meta: r4.Meta = {
    ...(versionId === undefined ? {} : { versionId }),
    ...(lastUpdated === undefined ? {} : { lastUpdated }),
    source: site.fhirBase,
  };
  return { resourceType: slot.type, id: idOf(response, slot.linkId), meta, ...body };
}

/** The codes answered to a question, in order. */
export function codingsOf({ answers }: Making, linkId: string): r4.Coding[] {
  return (answers.get(linkId) ?? []).flatMap(({ valueCoding }) => valueCoding ?? []);
}

/** The first code answered to a question. */
export function codeOf(making: Making, linkId: string): string | undefined {
  return codingsOf(making, linkId)[0]?.code;
}

/** A code as concept, by system and code alone: nothing is to be read out of words. */
export function concept({ system, code }: r4.Coding): r4.CodeableConcept {
  return { coding: [{ ...(system ? { system } : {}), ...(code ? { code } : {}) }] };
}

/** The first concept answered to a question, as an element of that name; nothing when there is none. */
export function conceptNamed(making: Making, linkId: string, element: string = linkId): object {
  const [coding] = codingsOf(making, linkId);
  return coding ? { [element]: concept(coding) } : {};
}

/** The time answered to a question, as an element of that name. */
export function timeNamed({ answers }: Making, linkId: string, element: string): object {
  const time = answers.get(linkId)?.[0]?.valueDateTime;
  return time === undefined ? {} : { [element]: time };
}

/** The reference answered to a question, without the name beside it. */
export function referenceOf({ answers }: Making, linkId: string): r4.Reference | null {
  const reference = answers.get(linkId)?.[0]?.valueReference?.reference;
  return reference === undefined ? null : { reference };
}
