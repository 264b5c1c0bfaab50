import type { r4 } from '../fhir/resource.ts';
import { versionUrl } from './in-force.ts';
import { codeOf, codingsOf, concept, idOf, type Making, type Slot, timeNamed } from './make.ts';

const RESEARCH = {
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentcategorycodes', code: 'research' }] }],
};

/**
 * A Consent, and the guardian who signed as RelatedPerson, without a name. What was permitted is said purpose by
 * purpose: those not named are denied, those beyond the form permitted by an own clause (FHIR R4, Consent.provision).
 */
export function consentSlots(making: Making): Slot[] {
  const { subject: patient, response, study } = making;
  const byGuardian = () => codeOf(making, 'signer') === 'RelatedPerson';
  const guardian = { reference: `RelatedPerson/${idOf(response, 'relationship')}` };
  const filled = () => ({
    status: codeOf(making, 'decision') === 'permit' ? 'active' : 'rejected',
    ...RESEARCH,
    patient,
    ...timeNamed(making, 'signed', 'dateTime'),
    performer: [byGuardian() ? guardian : patient],
    ...sourceOf(making),
    policy: [{ uri: versionUrl(codingsOf(making, 'version')[0]) }],
    ...(byGuardian()
      ? { verification: [{ verified: true, verifiedWith: guardian, verificationDate: response.authored }] }
      : {}),
    provision: provisionOf(making),
  });
  return [
    {
      type: 'RelatedPerson',
      linkId: 'relationship',
      filled: () =>
        byGuardian() ? { active: true, patient, relationship: codingsOf(making, 'relationship').map(concept) } : null,
      erased: { active: false, patient },
    },
    {
      type: 'Consent',
      linkId: 'decision',
      filled,
      // Under the study's base, so that it is known as one for this study also without its version.
      erased: { status: 'entered-in-error', ...RESEARCH, patient, policy: [{ uri: study.consentBase }] },
    },
  ];
}

function provisionOf(making: Making): r4.ConsentProvision {
  if (codeOf(making, 'decision') !== 'permit') return { type: 'deny' };
  const form = making.study.forms.find(({ url }) => url === versionUrl(codingsOf(making, 'version')[0]));
  const named = codingsOf(making, 'purpose');
  const options = (making.items.find(({ linkId }) => linkId === 'purpose')?.answerOption ?? []).flatMap(
    ({ valueCoding }) => valueCoding ?? [],
  );
  const denied = options.filter(({ code }) => !named.some((one) => one.code === code));
  const beyond = named.filter(({ code }) => !form?.purposes.includes(code ?? ''));
  const nested = [clause('deny', denied), clause('permit', beyond)].flat();
  return { type: 'permit', ...(nested.length > 0 ? { provision: nested } : {}) };
}

function clause(type: 'permit' | 'deny', purposes: readonly r4.Coding[]): r4.ConsentProvision[] {
  return purposes.length > 0 ? [{ type, purpose: purposes.flatMap((one) => concept(one).coding ?? []) }] : [];
}

/** The scan by its hash, as a name of its own (RFC 6920: `ni:///sha-256;` and the hash in base64url). */
function sourceOf({ answers }: Making): object {
  const hex = answers.get('scan')?.[0]?.valueString;
  if (hex === undefined) return {};
  const value = `ni:///sha-256;${Buffer.from(hex, 'hex').toString('base64url')}`;
  return { sourceReference: { type: 'DocumentReference', identifier: { system: 'urn:ietf:rfc:3986', value } } };
}
