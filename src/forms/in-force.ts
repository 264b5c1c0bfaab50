import type { r4 } from '../fhir/resource.ts';
import type { Day } from '../fhir/time.ts';
import { inForceFrom } from '../study/consent-form.ts';
import type { ConsentForm, Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';

/** The question after the version of the informed consent form. */
const VERSION = 'version';

/** The version of the informed consent form in force at a site on a day; null before the first. */
export function formInForce(study: Pick<Study, 'forms'>, site: Pick<Site, 'id'>, day: Day): ConsentForm | null {
  const since = (form: ConsentForm) => inForceFrom(form, site.id);
  const begun = study.forms.filter((form) => since(form) <= day);
  return begun.reduce<ConsentForm | null>((last, form) => (last && since(last) > since(form) ? last : form), null);
}

/**
 * The form as it is offered on a day at a site: of the versions of the informed consent form the one in force is
 * selected beforehand. The others stay: somebody may have signed an outdated one, and that is what must be recorded.
 */
export function offeredOn(
  questionnaire: r4.Questionnaire,
  study: Pick<Study, 'forms'>,
  site: Pick<Site, 'id'>,
  day: Day,
): r4.Questionnaire {
  const url = formInForce(study, site, day)?.url;
  const item = (questionnaire.item ?? []).map((one) => {
    if (one.linkId !== VERSION || !one.answerOption) return one;
    const answerOption = one.answerOption.map((option) =>
      versionUrl(option.valueCoding) === url ? { ...option, initialSelected: true } : option,
    );
    return { ...one, answerOption };
  });
  return { ...questionnaire, item };
}

/** The URI of a version of the informed consent form: the base as system, the version as code. */
export function versionUrl(coding: r4.Coding | undefined): string {
  return `${coding?.system}/${coding?.code}`;
}
