import type { ScreenedSubject } from '../pipeline/screen.ts';
import type { Missing, VerdictCode } from '../screening/assessment.ts';
import { publicEvidence, publicMissing, publicReason } from '../screening/masked.ts';

/** A row of `worklist.ndjson`: hospital side, names hospital ids. */
export interface WorklistRow {
  site: string;
  patient: string;
  subject: string;
  status: string;
  reason: string | null;
  group: string | null;
  groups: string[];
  stratum: string | null;
  flags: string[];
  criteria: {
    id: string;
    verdict: VerdictCode;
    reason: string | null;
    evidence: string[];
    missing: Missing[] | null;
  }[];
  /** Beside the contract: what the stratum rests on, the anchor of the look-backs, the next day it may change by itself. */
  basis: string | null;
  anchor: { day: string; from: string };
  recheckOn: string | null;
}

/** The row of one subject. */
export function worklistRow({ site, patient, subject, standing, assessment }: ScreenedSubject): WorklistRow {
  return {
    site,
    patient: `Patient/${patient}`,
    subject,
    status: standing.status,
    reason: standing.reason,
    group: assessment.group,
    groups: assessment.groups,
    stratum: assessment.stratum,
    flags: assessment.flags.map(({ flag }) => flag),
    criteria: assessment.verdicts.map((verdict) => ({
      id: verdict.id,
      verdict: verdict.verdict,
      reason: publicReason(verdict),
      evidence: publicEvidence(verdict),
      missing: publicMissing(verdict),
    })),
    basis: assessment.basis,
    anchor: assessment.anchor,
    recheckOn: assessment.recheckOn,
  };
}
