import { readReference } from '../fhir/reference.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { spanOf } from '../fhir/time.ts';
import type { Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';
import { adverseEventSlots } from './adverse-event.ts';
import { consentSlots } from './consent.ts';
import { type FormFault, formFault } from './fault.ts';
import { allItems } from './item.ts';
import { type FormKind, kindOf } from './kinds.ts';
import { type Making, resourceOf, type Slot } from './make.ts';
import { observationSlots } from './observation.ts';
import { specimenSlots } from './specimen.ts';
import { readAnswers } from './validate.ts';

/** What a response means as resources of the hospital, or everything that is wrong with it. */
export type Responded = { ok: true; resources: FhirResource[] } | { ok: false; faults: FormFault[] };

const SLOTS: Readonly<Record<FormKind, (making: Making) => Slot[]>> = {
  Consent: consentSlots,
  Specimen: specimenSlots,
  Observation: observationSlots,
  AdverseEvent: adverseEventSlots,
};

/**
 * Turns a signed QuestionnaireResponse (R4; its shape was checked) into the resources a hospital's EHR would send:
 * Consent and RelatedPerson, Specimen, Observations, AdverseEvent. Ids come from the response's id and the linkId, so
 * that a later version of the response replaces what the earlier gave; meta is that of the response. Of an amended
 * response also what is no longer answered comes, as entered in error (a RelatedPerson as inactive); of one entered
 * in error everything the form may give. The same response always gives the same resources.
 * @param questionnaire the form it answers, as loadForms gave it; a version after `|` in the response does not matter
 */
export function resourcesOf(
  response: r4.QuestionnaireResponse,
  questionnaire: r4.Questionnaire,
  site: Pick<Site, 'fhirBase' | 'timezone'>,
  study: Pick<Study, 'id' | 'consentBase' | 'forms'>,
): Responded {
  const kind = kindOf(questionnaire);
  if (!kind) throw new Error('The form was not loaded by loadForms.');
  const { status } = response;
  const [subject, author] = [patientOf(response.subject), signerOf(response.author)];
  const faults = headFaults(response, questionnaire, site);
  const erased = status === 'entered-in-error';
  const signed = { by: spanOf(response.authored ?? '', site.timezone)?.end ?? Infinity, zone: site.timezone };
  const read = readAnswers(questionnaire, erased ? {} : response, signed);
  // Of another form every question would be unknown.
  if (!erased && urlOf(response) === questionnaire.url) faults.push(...read.faults);
  if (faults.length > 0 || !subject || !author) return { ok: false, faults };
  const items = allItems(questionnaire.item);
  const making: Making = { questionnaire, items, answers: read.answers, response, subject, author, site, study };
  const resources = SLOTS[kind](making).flatMap((slot) => {
    const body = (erased ? null : slot.filled()) ?? (status === 'completed' ? null : slot.erased);
    return body ? [resourceOf(slot, body, making)] : [];
  });
  return { ok: true, resources };
}

/** What the response must say of itself before its answers are looked at. */
function headFaults(
  response: r4.QuestionnaireResponse,
  questionnaire: r4.Questionnaire,
  site: Pick<Site, 'timezone'>,
): FormFault[] {
  const { id, meta, status, authored } = response;
  const dated = authored !== undefined && authored.length >= 10 && spanOf(authored, site.timezone) !== null;
  const codes = [
    ...(['completed', 'amended', 'entered-in-error'].includes(status) ? [] : (['not-finished'] as const)),
    ...(id ? [] : (['no-id'] as const)),
    ...(meta?.lastUpdated || /^\d{1,15}$/.test(meta?.versionId ?? '') ? [] : (['unversioned'] as const)),
    ...(signerOf(response.author) && dated ? [] : (['unsigned'] as const)),
    ...(patientOf(response.subject) ? [] : (['no-subject'] as const)),
    ...(urlOf(response) === questionnaire.url ? [] : (['other-form'] as const)),
  ];
  return codes.map((code) => formFault('', code));
}

/** The form a response answers, without its version; null when it names none. */
export function urlOf(response: Pick<r4.QuestionnaireResponse, 'questionnaire'>): string | null {
  return response.questionnaire?.split('|')[0] ?? null;
}

/** The reference to the person, without a name: to a Patient, or what Intake finds a Patient by. */
function patientOf(reference: r4.Reference | undefined): r4.Reference | null {
  return leadingTo(['Patient'], reference);
}

/** Who signed: somebody of the hospital. */
function signerOf(reference: r4.Reference | undefined): r4.Reference | null {
  return leadingTo(['Practitioner', 'PractitionerRole'], reference);
}

function leadingTo(types: readonly string[], given: r4.Reference | undefined): r4.Reference | null {
  if (!given || (given.type !== undefined && !types.includes(given.type))) return null;
  const { reference, identifier, type = types[0]! } = given;
  if (reference === undefined) {
    const { system, value } = identifier ?? {};
    return value ? { type, identifier: { ...(system === undefined ? {} : { system }), value } } : null;
  }
  const target = readReference(reference);
  const right = target.kind === 'urn' || ('type' in target && types.includes(target.type));
  return right ? { reference } : null;
}
