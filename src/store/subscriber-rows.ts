/** Somebody who is told of changes at a site: an R4 Subscription and how far it has come. */
export interface SubscriberRow {
  id: string;
  site: string;
  /** R4 subscription-status. */
  status: 'requested' | 'active' | 'error' | 'off';
  reason: string;
  type: 'ResearchSubject' | 'Task';
  /** Only resources of these statuses; null for all. */
  statuses: readonly string[] | null;
  endpoint: string;
  /** Sends notification Bundles; else nothing but the call. */
  payload: boolean;
  /** Key of the signatures, sealed. */
  secret: string;
  /** Code and sentence of what stopped it. */
  error: string | null;
  version: number;
  lastUpdated: string;
  gone: boolean;
  /** Number of the last notice of the site that was weighed. */
  position: number;
  /** Events acknowledged since the subscription was made. */
  events: number;
}

/** A subscriber whose turn it is. */
export interface ClaimedSubscriber extends SubscriberRow {
  /** Tells this claim from earlier and later ones. */
  claim: number;
  /** Attempts that failed since the last one that did not. */
  attempts: number;
}

/** What became of a claim. */
export type Settled = Pick<
  ClaimedSubscriber,
  'status' | 'error' | 'version' | 'lastUpdated' | 'position' | 'events' | 'attempts'
> & {
  /** Instant before which it is left alone. */
  notBefore: string;
};

/** Subscriptions of the hospitals, and their delivery by state. */
export interface SubscriberTables {
  /** Gone ones too. */
  subscriber(id: string): Promise<SubscriberRow | null>;
  /** Those of a site that are not gone, ordered by id. */
  subscribers(site: string): Promise<SubscriberRow[]>;
  /** Adds or replaces; a claim of the earlier one settles nothing any more, and its attempts are forgotten. */
  putSubscriber(row: SubscriberRow): Promise<void>;
  /** Claims one that waits, is to shake hands or has notices to weigh, and is not left alone; null when there is none. */
  claimSubscriber(now: string): Promise<ClaimedSubscriber | null>;
  /** Ends a claim. @returns false when it does not count any more: nothing is changed then */
  settleSubscriber(id: string, claim: number, settled: Settled): Promise<boolean>;
  /** Lets everything wait again that somebody who died had claimed. @returns how many */
  releaseSubscribers(): Promise<number>;
}
