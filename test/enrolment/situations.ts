import type { Act as Decision, Situation } from '../../src/enrolment/status.ts';
import type { Facts, Verdict, VerdictCode } from '../../src/screening/assessment.ts';

const EXCLUDING = ['E1', 'E2', 'E3', 'E4'];

/** A verdict as the study's criteria give it; attested ones do not hold, and I1 not-met only means screening. */
export function verdict(id: string, code: VerdictCode, more: Partial<Verdict> = {}): Verdict {
  const open = code === 'unknown' || code === 'conflict';
  return {
    id,
    exclude: EXCLUDING.includes(id),
    sensitive: id === 'E1',
    verdict: code,
    reason: `${id}-${code}`,
    evidence: [],
    missing: open ? [] : null,
    findings: [],
    holds: open && !(code === 'unknown' && ['E3', 'E4'].includes(id)),
    whenNotMet: id === 'I1' ? 'screening' : id === 'I4' ? 'ineligible' : 'nothing',
    ...more,
  };
}

/** Of somebody eligible. */
const VERDICTS: Readonly<Record<string, VerdictCode>> = {
  I1: 'met',
  I2: 'met',
  I3: 'not-applicable',
  I4: 'met',
  E1: 'not-met',
  E2: 'not-met',
  E3: 'unknown',
  E4: 'unknown',
};
const FACTS: Facts = {
  diseaseEvidence: true,
  rootOnly: false,
  studyRequests: true,
  requestsOutside: false,
  consents: true,
  openRequests: true,
  proceduresAfterConsent: false,
  undecidedProcedure: false,
  consentAt: null,
  deceased: false,
  meanings: [],
};

export interface Changed {
  verdicts?: Partial<Record<string, VerdictCode>>;
  facts?: Partial<Facts>;
  decisions?: readonly Decision[];
  siteStatus?: string;
  hadSubject?: boolean;
}

/** Somebody eligible without any decision, but for what is changed. */
export function situation({ verdicts, facts, ...rest }: Changed = {}): Situation {
  const codes = { ...VERDICTS, ...verdicts } as Record<string, VerdictCode>;
  return {
    assessment: {
      studyVersion: 'study@1',
      verdicts: Object.entries(codes).map(([id, code]) => verdict(id, code)),
      group: 'HBV',
      groups: ['HBV'],
      stratum: null,
      basis: null,
      stratumMissing: null,
      flags: [],
      consents: [],
      anchor: { day: '2025-06-10', from: 'request' },
      facts: { ...FACTS, ...facts },
      recheckOn: null,
    },
    decisions: [],
    siteStatus: 'active',
    hadSubject: false,
    ...rest,
  };
}

/** Decisions one day after the other. */
export const decisions = (...kinds: Decision['kind'][]): Decision[] =>
  kinds.map((kind, day) => ({ kind, at: `2025-06-${String(day + 1).padStart(2, '0')}T08:00:00Z`, reason: null }));

export const means = (what: Facts['meanings'][number]['means']): Partial<Facts> => ({
  meanings: [{ means: what, reason: `${what}-reason` }],
});
