import type { r4 } from '../../fhir/resource.ts';
import { spanOf } from '../../fhir/time.ts';
import { adulthood, obligedFrom } from './ends.ts';
import { type ConsentingPerson, type GateContext, type Signature, signatureOf } from './signature.ts';

/** What stands between a valid consent and a collection. */
export interface CollectionBar {
  /** A guardian signed, the 18th birthday is past or may be, and the person has not signed. */
  guardianEnded: boolean;
  /** Since when (ms) a newer form must be signed before anything is collected; null when nothing waits for that. */
  waitsFrom: number | null;
}

/**
 * Reads the newest valid consent for what it asks before collection (study protocol reading, "Consent forms" and
 * "Specimens"). Of consents that no date can order each may be the newest: the stricter answer holds.
 */
export function collectionBar(person: ConsentingPerson, context: GateContext): CollectionBar {
  const { site, study, now } = context;
  const signed = person.consents.flatMap((consent): Signed[] => {
    const at = consent.dateTime ? spanOf(consent.dateTime, site.timezone) : null;
    const signature = at && consent.status === 'active' ? signatureOf(consent, at, person, context, () => {}) : null;
    return at && signature ? [{ consent, at, signature }] : [];
  });
  const newest = signed.filter(({ at }) => !signed.some((other) => other.at.start >= at.end));
  const waits = newest.map(({ signature }) => obligedFrom(signature.form, study.forms, site, 'before-collection'));
  const from = Math.min(Infinity, ...waits);
  const birthday = adulthood(person.birth, site.timezone);
  return {
    guardianEnded:
      birthday !== null &&
      birthday.certain <= now &&
      newest.some(({ consent }) => person.signerOf(consent).startsWith('guardian')),
    waitsFrom: Number.isFinite(from) ? from : null,
  };
}

interface Signed {
  consent: r4.Consent;
  at: { start: number; end: number };
  signature: Signature;
}
