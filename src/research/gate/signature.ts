import type { r4 } from '../../fhir/resource.ts';
import type { Days, Span } from '../../fhir/time.ts';
import { formNamed } from '../../study/consent-form.ts';
import type { ConsentForm, Study } from '../../study/model.ts';
import type { Site } from '../../study/site.ts';
import { adulthood, type End, obligedFrom, withdrawalOf } from './ends.ts';
import type { ConsentPurposes, Report } from './provision.ts';

/** A resource dated later than this after the clock has not happened yet. */
const CLOCK_SKEW_MS = 300_000;

/** What the gate needs of a study. */
export interface GateStudy extends Pick<Study, 'forms' | 'parameters'> {
  purposes: ConsentPurposes;
}

/** The hospital, the study and the clock under which Consents are read. */
export interface GateContext {
  site: Pick<Site, 'id' | 'timezone'>;
  study: GateStudy;
  now: number;
}

/** One person's Consents, and how others judge them. */
export interface ConsentingPerson {
  /** Those for this study, of every status, in any order. */
  consents: readonly r4.Consent[];
  /** The days the person may have been born on. */
  birth: Days | null;
  /** References by which the person is known (`Patient/id`). */
  selves: ReadonlySet<string>;
  /** `patient`, `patient-assumed`, `guardian`, `guardian-unverified`; anything else makes a consent invalid. */
  signerOf(consent: r4.Consent): string;
  /** Whether the version signed was in force on the day of signing; null when that cannot be said. */
  formInForce(consent: r4.Consent): boolean | null;
}

/** A signature that may count: under which form, until when, and whether it is certain that it counts. */
export interface Signature {
  form: ConsentForm;
  certain: boolean;
  end: End;
}

/**
 * Judges a Consent apart from its provisions: status, scope, form, signer, date. Null when it grants nothing.
 * It ends with its withdrawal, on the 18th birthday when a guardian signed (at the first instant of that day at the
 * site), and when a newer form obliges everybody to sign again.
 * @param at when it was given
 */
export function signatureOf(
  consent: r4.Consent,
  at: Span,
  person: ConsentingPerson,
  context: GateContext,
  report: Report,
): Signature | null {
  const { site, study, now } = context;
  const ends: End[] = [{ certain: Infinity, possible: Infinity }];
  let granting = consent.status === 'active' || consent.status === 'inactive';
  if (!consent.scope?.coding?.some(({ code }) => code === 'research')) granting = false;
  if (at.start > now + CLOCK_SKEW_MS) {
    report('future-dated', 'Consent.dateTime');
    granting = false;
  }
  if (consent.patient?.reference !== undefined && !person.selves.has(consent.patient.reference)) {
    report('patient-other', 'Consent.patient');
    granting = false;
  }
  if (consent.modifierExtension || consent.implicitRules) {
    report('modifier-unknown', 'Consent');
    granting = false;
  }
  if (consent.status === 'inactive') {
    const withdrawn = withdrawalOf(consent, site.timezone, now);
    if (!withdrawn) report('withdrawal-undated', 'Consent.provision.period.end');
    ends.push(withdrawn ?? { certain: -Infinity, possible: -Infinity });
  }
  const signer = person.signerOf(consent);
  if (!counts(signer, study)) granting = false;
  else if (signer.startsWith('guardian')) {
    const birthday = adulthood(person.birth, site.timezone);
    if (!birthday) report('birth-unknown', 'Patient.birthDate');
    ends.push(birthday ?? { certain: -Infinity, possible: -Infinity });
  }
  const form = formNamed(consent, study);
  if (!form) report('form-unknown', 'Consent.policy');
  const inForce = form && person.formInForce(consent);
  if (!form || inForce === false || !granting) return null;
  if (inForce === null) report('form-undecided', 'Consent.dateTime');
  const obliged = obligedFrom(form, study.forms, site);
  ends.push({ certain: obliged, possible: obliged });
  return {
    form,
    certain: inForce === true,
    end: {
      certain: Math.min(...ends.map((end) => end.certain)),
      possible: Math.min(...ends.map((end) => end.possible)),
    },
  };
}

/** Signatures that rest on an open question count while the study's switch says so. */
function counts(signer: string, { parameters }: GateStudy): boolean {
  if (signer === 'patient' || signer === 'guardian') return true;
  if (signer === 'patient-assumed') return parameters.consentWithoutPerformer === 'patient';
  return signer === 'guardian-unverified' && parameters.guardianNotFound === 'accept';
}
