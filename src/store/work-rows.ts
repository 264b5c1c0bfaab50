/** What is to be asked of a hospital's server: one resource, or everything of a type that changed since a moment. */
export interface WorkRow {
  /** Rises with time. */
  id: number;
  site: string;
  kind: 'read' | 'search';
  /** `Type/<hospital id>` of a read, `Type` of a search. */
  target: string;
  /** Of a search: instant (ISO 8601, UTC) from which changes are asked for; null for everything. Null of a read. */
  since: string | null;
  state: 'waiting' | 'claimed' | 'done' | 'failed';
  /** How often it was claimed. */
  attempts: number;
  /** Instant (ISO 8601, UTC) before which it is not claimed. */
  notBefore: string;
  /** Stable code of why the last attempt did not succeed. */
  lastErrorCode: string | null;
  createdAt: string;
  /** Instant at which it was done or failed. */
  endedAt: string | null;
}

/** How far the notifications of one subscription have come. */
export interface SubscriptionRow {
  site: string;
  /** `Subscription/<id>` at the hospital; empty for deliveries that name none. */
  subscription: string;
  /** Status that the hospital's server gave last (R4 subscription-status); null when it gave none. */
  status: string | null;
  /** Number of the last event that is accounted for; null when none was numbered. */
  lastEvent: number | null;
  /** Instant up to which nothing is missing, or what is missing has been queued as a search. */
  goodAt: string;
  /** How often numbers were missing. */
  gaps: number;
}

export interface WorkCount {
  site: string;
  state: WorkRow['state'];
  count: number;
  /** `createdAt` of the oldest. */
  oldest: string;
}

/** The queue of what is to be read again, kept at the hospital's side, since targets name hospital resources. */
export interface WorkRows {
  /**
   * Adds waiting work. The same work that waits already takes it up: of two searches the one that goes back further.
   * Work that has been claimed does not: what it reads may be older than what is now asked for.
   */
  addWork(row: Pick<WorkRow, 'site' | 'kind' | 'target' | 'since' | 'createdAt'>): Promise<void>;
  /** Claims the oldest work of a site that may be done now; null when there is none. */
  claimWork(site: string, now: string): Promise<WorkRow | null>;
  /** Claimed work is done; what had failed before and is covered by it goes. */
  finishWork(id: number, now: string): Promise<void>;
  /** Claimed work waits again, together with the same work that came meanwhile. */
  retryWork(id: number, notBefore: string, errorCode: string): Promise<void>;
  /** Claimed work ends as failed. */
  failWork(id: number, errorCode: string, now: string): Promise<void>;
  /** All claimed work waits again: at start, whoever had claimed it is dead. @returns how many */
  releaseWork(now: string): Promise<number>;
  /** Failed work of a site waits again. @returns how many */
  reviveWork(site: string, now: string): Promise<number>;
  /** Deletes what was done or failed before the instants given. */
  forgetWork(doneBefore: string, failedBefore: string): Promise<void>;
  /** Of one state, ordered by site, id. */
  workIn(state: WorkRow['state']): Promise<WorkRow[]>;
  /** Ordered by site, state. */
  workCounts(): Promise<WorkCount[]>;

  subscription(site: string, subscription: string): Promise<SubscriptionRow | null>;
  putSubscription(row: SubscriptionRow): Promise<void>;
  /** Ordered by site, subscription. */
  subscriptions(): Promise<SubscriptionRow[]>;
}
