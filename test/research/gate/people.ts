import type { r4 } from '../../../src/fhir/resource.ts';
import { dayFrom, type Span, spanOf } from '../../../src/fhir/time.ts';
import { type ConsentingPerson, type GateStudy, type Grants, grantsOf } from '../../../src/research/gate/grants.ts';
import type { ConsentForm } from '../../../src/study/model.ts';

export const ZONE = 'Asia/Shanghai';
export const SITE = { id: 'nf', timezone: ZONE };
export const SYSTEM = 'https://study.example/cs/purpose';
export const NOW = Date.parse('2025-06-01T00:00:00+08:00');
const BASE = 'https://study.example/icf';

const form = (version: string, from: string, more: Partial<ConsentForm> = {}): ConsentForm => ({
  version,
  url: `${BASE}/${version}`,
  obliges: 'none',
  purposes: ['data', 'blood', 'tissue', 'omics'],
  coversEarlierData: true,
  inForceFrom: { '*': dayFrom(from)! },
  ...more,
});

export const STUDY: GateStudy = {
  forms: [form('v1', '2023-02-10'), form('v2', '2023-11-20', { coversEarlierData: false }), form('v3', '2024-08-15')],
  parameters: { consentWithoutPerformer: 'patient', guardianNotFound: 'accept' },
  purposes: { system: SYSTEM, codes: new Set(['data', 'blood', 'tissue', 'omics', 'abroad']), ofData: 'data' },
};

/** The same study with a fourth form that obliges everybody. */
export const STRICT: GateStudy = { ...STUDY, forms: [...STUDY.forms, form('v4', '2025-05-25', { obliges: 'all' })] };

let count = 0;
/** An active consent to v3, signed at `dateTime`. */
export function consent(dateTime: string | null, more: Record<string, unknown> = {}): r4.Consent {
  count += 1;
  return {
    resourceType: 'Consent',
    id: `c${count}`,
    status: 'active',
    scope: { coding: [{ code: 'research' }] },
    category: [],
    ...(dateTime === null ? {} : { dateTime }),
    policy: [{ uri: `${BASE}/v3` }],
    provision: { type: 'permit' },
    ...more,
  };
}

export const purpose = (...codes: string[]) => codes.map((code) => ({ system: SYSTEM, code }));
export const signedUnder = (version: string) => ({ policy: [{ uri: `${BASE}/${version}` }] });
export const at = (text: string): Span => spanOf(text, ZONE)!;
export const instant = (text: string): number => at(text).start;

export interface Asked extends Partial<Omit<ConsentingPerson, 'consents'>> {
  study?: GateStudy;
  now?: number;
  earlierFrom?: number | null;
}

export function grants(consents: readonly r4.Consent[], asked: Asked = {}): Grants {
  const { study = STUDY, now = NOW, earlierFrom = null, ...person } = asked;
  return grantsOf(
    {
      consents,
      birth: { first: dayFrom('1990-01-01')!, last: dayFrom('1990-01-01')! },
      selves: new Set(['Patient/p1']),
      signerOf: () => 'patient',
      formInForce: () => true,
      ...person,
    },
    SITE,
    study,
    now,
    earlierFrom,
  );
}

/** What the gate says of several times, for one purpose: `yes no unknown`. */
export function answers(given: Grants, times: readonly string[], of = 'data'): string {
  return times.map((time) => given.may(of, at(time))).join(' ');
}

export const reasons = (given: Grants): string => given.doubts.map((doubt) => doubt.reason).join(' ');
