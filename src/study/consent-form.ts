import { isUnder } from '../fhir/reference.ts';
import type { r4 } from '../fhir/resource.ts';
import type { Day } from '../fhir/time.ts';
import type { ConsentForm, Study } from './model.ts';

/** Every form URI a Consent names: by policy.uri, or by policyRule's coding as system and code. */
export function formUris(consent: r4.Consent): string[] {
  return [
    ...(consent.policy ?? []).flatMap((policy) => policy.uri?.replace(/\/+$/, '') ?? []),
    ...(consent.policyRule?.coding ?? []).flatMap(({ system, code }) =>
      system && code ? [`${system.replace(/\/+$/, '')}/${code}`] : [],
    ),
  ];
}

/** Whether a Consent is for this study: it names a form under the study's canonical base, of whichever version. */
export function concernsStudy(consent: r4.Consent, study: Pick<Study, 'consentBase'>): boolean {
  return formUris(consent).some((uri) => isUnder(uri, study.consentBase));
}

/** The version of the form a Consent names; null when the study has no such version. */
export function formNamed(consent: r4.Consent, study: Pick<Study, 'forms'>): ConsentForm | null {
  const uris = formUris(consent);
  return study.forms.find((form) => uris.includes(form.url)) ?? null;
}

/** The first day on which a version is in force at a site: the site's own, else that of every site; Infinity for never. */
export function inForceFrom(form: ConsentForm, site: string): Day {
  return form.inForceFrom[site] ?? form.inForceFrom['*'] ?? Infinity;
}

/** The days on which a version is in force at a site: from `from` until the day before `until`, when a newer one is. */
export function inForce(form: ConsentForm, forms: readonly ConsentForm[], site: string): { from: Day; until: Day } {
  const from = inForceFrom(form, site);
  const newer = forms.map((other) => inForceFrom(other, site)).filter((day) => day > from);
  return { from, until: Math.min(Infinity, ...newer) };
}
