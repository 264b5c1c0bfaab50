import type { r4 } from '../../fhir/resource.ts';
import { type Days, spanOf, startOfDay, yearsAfter } from '../../fhir/time.ts';
import { inForceFrom } from '../../study/consent-form.ts';
import type { ConsentForm } from '../../study/model.ts';
import type { Site } from '../../study/site.ts';

const ADULT = 18;

/** An instant known only to lie between two: `certain` is the earliest, `possible` the latest. */
export interface End {
  certain: number;
  possible: number;
}

/**
 * Since when an inactive Consent is withdrawn: its period's end or, when that is missing, lies later or has not come,
 * the time of the version that says so. Null when neither tells.
 */
export function withdrawalOf(consent: r4.Consent, zone: string, now: number): End | null {
  const said = [consent.provision?.period?.end, consent.meta?.lastUpdated]
    .flatMap((text) => (text ? (spanOf(text, zone) ?? []) : []))
    .filter(({ start }) => start <= now)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  return said[0] ? { certain: said[0].start, possible: said[0].end } : null;
}

/** The first instant of the 18th birthday (completed years, FHIR Patient.birthDate); null when it is not known. */
export function adulthood(birth: Days | null, zone: string): End | null {
  if (!birth || !Number.isFinite(birth.first) || !Number.isFinite(birth.last)) return null;
  const on = (day: number) => startOfDay(yearsAfter(day, ADULT), zone);
  return { certain: on(birth.first), possible: on(birth.last) };
}

/**
 * The first instant on which a newer form that obliges so is in force at the site; Infinity for never.
 * @param obliges `all` ends what was signed; `before-collection` only lets collection wait
 */
export function obligedFrom(
  form: ConsentForm,
  forms: readonly ConsentForm[],
  site: Pick<Site, 'id' | 'timezone'>,
  obliges: ConsentForm['obliges'] = 'all',
): number {
  const force = (other: ConsentForm) => inForceFrom(other, site.id);
  const days = forms.filter((other) => other.obliges === obliges && force(other) > force(form)).map(force);
  const first = Math.min(Infinity, ...days);
  return Number.isFinite(first) ? startOfDay(first, site.timezone) : Infinity;
}
