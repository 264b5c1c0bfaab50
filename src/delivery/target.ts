/** How we show a target's server who we are. The secrets lie in the key folder (`identity/target-secrets.ts`). */
export type TargetAuth =
  | { kind: 'none' }
  /** A token that was handed to us. */
  | { kind: 'bearer' }
  /** OAuth 2 client credentials with a secret, or SMART Backend Services with a private key. */
  | { kind: 'client-secret' | 'smart'; tokenUrl: string; clientId: string; scope: string };

/** A FHIR server that gets what concerns it: `targets/<id>.yaml`. */
export interface Target {
  id: string;
  /** Base URL without a closing slash. */
  base: string;
  /** A hospital-side target may take all subjects of its sites; a study-side one gets consenting people only. */
  side: 'hospital' | 'study';
  /** Sites whose subjects it takes; null for all. */
  sites: readonly string[] | null;
  types: readonly string[];
  /** What becomes of a person's resources there when consent ends. */
  withdrawal: 'delete' | 'mark';
  /** `ResearchStudy/<id at the target>`; null when it is named by its identifier only. */
  study: string | null;
  auth: TargetAuth;
  /** Entries of one transaction. */
  entries: number;
  /** People delivered at the same time. */
  parallel: number;
  timeoutMilliseconds: number;
}

/** Types of the study side, in an order in which most references lead backwards. */
export const DELIVERED_TYPES: readonly string[] = [
  'Patient',
  'Consent',
  'ResearchSubject',
  'Condition',
  'Procedure',
  'Specimen',
  'Observation',
  'DiagnosticReport',
  'AdverseEvent',
  'Provenance',
];

/** Whether resources of a type and a site may concern a target at all. */
export function concerns({ sites, types }: Pick<Target, 'sites' | 'types'>, site: string, type: string): boolean {
  return types.includes(type) && (sites === null || sites.includes(site));
}
