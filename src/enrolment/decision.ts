/**
 * A person's signed act, part of what the status is computed from; append-only, superseded but never undone.
 * `at` is an ISO 8601 instant (UTC).
 */
export interface Decision {
  kind:
    | 'nominate'
    | 'enrol'
    | 'collection-done'
    | 'off-study'
    | 'complete'
    | 'withdraw'
    | 'decline'
    | 'reopen'
    | 'suitable'
    | 'unsuitable';
  at: string;
  /** Reason code given by the person. */
  reason: string | null;
}
