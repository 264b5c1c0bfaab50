import type { FhirResource, r4 } from '../../fhir/resource.ts';
import { formNamed, inForce, inForceFrom } from '../../study/consent-form.ts';
import type { ConsentForm } from '../../study/model.ts';
import type { Session } from '../session.ts';
import { agesOn } from './time.ts';

/** Whether the version signed was in force at that site on the day of signing; nothing when the date leaves it open. */
export function formInForce(session: Session, resource: FhirResource): boolean | [] {
  const form = formNamed(resource as unknown as r4.Consent, session.study);
  if (!form) return false;
  const signed = session.days(resource);
  if (!signed) return session.undecided(resource, 'date');
  const { from, until } = inForce(form, session.study.forms, session.site.id);
  if (signed.first >= from && signed.last < until) return true;
  return signed.last < from || signed.first >= until ? false : session.undecided(resource, 'date');
}

/** The strictest duty to sign again that versions newer than the signed one, in force today, lay on the person. */
export function formObliges(session: Session, resource: FhirResource): ConsentForm['obliges'] {
  const form = formNamed(resource as unknown as r4.Consent, session.study);
  const force = (other: ConsentForm) => inForceFrom(other, session.site.id);
  const from = form ? force(form) : -Infinity;
  const newer = session.study.forms.filter((other) => force(other) > from);
  for (const other of newer) session.turns(force(other));
  const duties = new Set(newer.filter((other) => force(other) <= session.today).map((other) => other.obliges));
  return duties.has('all') ? 'all' : duties.has('before-collection') ? 'before-collection' : 'none';
}

/**
 * Who signed: `patient` (18 or older that day), `patient-assumed` (no performer, adult: a switch), `guardian`,
 * `guardian-unverified` (a RelatedPerson that was never sent: a switch), `minor` (a child alone), `age-unknown`,
 * `nobody`, `other`.
 */
export function signer(session: Session, resource: FhirResource): string {
  const consent = resource as unknown as r4.Consent;
  const ages = agesOn(session, session.days(resource));
  const adult = Number(session.study.parameters.adultAge);
  const performers = (consent.performer ?? []).map((performer) => performer.reference ?? '');
  if (performers.length === 0) {
    if (!ages || ages.max < adult || session.study.parameters.consentWithoutPerformer !== 'patient') return 'nobody';
    return ages.min >= adult ? 'patient-assumed' : 'age-unknown';
  }
  const self = performers.some((reference) => session.record.selves.has(reference));
  const guardians = performers.map((reference) => guardianship(session, consent, reference));
  const guardian = guardians.includes('guardian') ? 'guardian' : guardians.find((found) => found !== null);
  if (!ages) return self || guardian ? 'age-unknown' : 'other';
  if (ages.min >= adult) return self ? 'patient' : 'other';
  if (ages.max >= adult) return self || guardian ? 'age-unknown' : 'other';
  if (guardian) return guardian;
  return self ? 'minor' : 'other';
}

/** `guardian` when the RelatedPerson has a guardian's relationship; null for anybody else. */
function guardianship(session: Session, consent: r4.Consent, reference: string): string | null {
  const contained = reference.startsWith('#') && consent.contained?.find((one) => one.id === reference.slice(1));
  const person = contained || session.view.relatedPersons.get(reference);
  if (session.record.relatedToOthers?.has(reference)) return null;
  if (!person) {
    const accepted = session.study.parameters.guardianNotFound === 'accept';
    return reference.startsWith('RelatedPerson/') && accepted ? 'guardian-unverified' : null;
  }
  if (person.resourceType !== 'RelatedPerson' || (person as unknown as r4.RelatedPerson).active === false) return null;
  const { system, codes } = session.site.guardianRelationships;
  const related = (person as unknown as r4.RelatedPerson).relationship ?? [];
  const matches = related.some((concept) =>
    (concept.coding ?? []).some((coding) => coding.system === system && codes.includes(coding.code ?? '')),
  );
  return matches ? 'guardian' : null;
}
