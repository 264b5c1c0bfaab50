/** One resource at one target: what is to be done about it, and what is known of the target's copy. */
export interface DeliveryRow {
  target: string;
  type: string;
  /** Pseudonymous id. */
  id: string;
  subject: string;
  /** Version of ours that was newest when this was last noted. */
  version: number;
  state: 'waiting' | 'claimed' | 'done' | 'failed';
  /** Failed attempts since the last success. */
  attempts: number;
  /** Instant (ISO 8601, UTC) before which it is not claimed; of a claim: when it ends by itself. */
  notBefore: string;
  /** Stable code of why the last attempt did not succeed. */
  code: string | null;
  /** How often it was noted: who settles a claim sees that something came in between. */
  changes: number;
  /** Mark of the claim; null unless claimed. */
  claim: string | null;
  /** Id at the target; null while it is not known to be there. */
  remote: string | null;
  /** Mark of the content that the target has; null when that is not known. */
  hash: string | null;
  /** It names something that the target did not have yet. */
  loose: boolean;
  /**
   * Instant at which it is sent once more, whatever is known: an attempt was left open, and a server may carry it out
   * long after we gave it up. Null when none was.
   */
  againAt: string | null;
  /** Instant of the first attempt at sending it: since then it may be there. Null when it never left. */
  releasedAt: string | null;
}

export type DeliveryKey = Pick<DeliveryRow, 'target' | 'type' | 'id'>;

/** What is to be noted of a change. */
export type NewDelivery = Pick<DeliveryRow, 'target' | 'type' | 'id' | 'subject' | 'version'> & {
  /** Instant of the change (ISO 8601, UTC). */
  at: string;
};

/** How the attempt on a claimed row ended. */
export type Settled =
  | { state: 'done'; remote: string | null; hash: string | null; loose: boolean }
  | { state: 'failed'; code: string };

export interface DeliveryCount {
  target: string;
  type: string;
  state: DeliveryRow['state'];
  count: number;
  /** Earliest `notBefore`. */
  oldest: string;
}

/** What is to be delivered: one row for each resource at each target, so that only the newest version ever waits. */
export interface OutboxTables {
  /**
   * Notes that a resource has changed. A row that waits keeps its time; one that is done or failed waits from now on;
   * one that is claimed waits again when the claim is settled.
   */
  noteDelivery(row: NewDelivery): Promise<void>;
  /**
   * Claims everything that waits of the one person of a target who has waited longest, and of whom nothing is claimed
   * and nothing put off. Claims that have ended by themselves, and what is to be sent once more, wait again before.
   * @param claim never the same twice
   * @param until instant at which the claim ends by itself
   */
  claimDeliveries(target: string, claim: string, now: string, until: string): Promise<DeliveryRow[]>;
  /** What is still claimed under a mark, ordered by type, id; the claim holds until the instant given. */
  renewClaim(claim: string, until: string): Promise<DeliveryRow[]>;
  /** Notes that the content of a claimed row is about to be sent; the first time stays. */
  markReleased(key: DeliveryKey, at: string): Promise<void>;
  /**
   * Ends the claim on one row: done or failed, or waiting when it was noted again since.
   * Changes nothing when the claim is no longer this one.
   * @param changes as it was when the attempt was made
   */
  settleDelivery(key: DeliveryKey, claim: string, changes: number, settled: Settled, now: string): Promise<void>;
  /**
   * Everything still claimed under a mark waits again; with a code an attempt is counted.
   * @param againAt where the attempt was left open: when what has left is sent once more
   */
  putOffClaim(claim: string, notBefore: string, code: string | null, againAt?: string | null): Promise<void>;
  /**
   * All claims of a target wait again: at start, whoever had claimed them is dead.
   * @param againAt when what has left is sent once more
   * @returns how many
   */
  releaseClaims(target: string, now: string, againAt: string): Promise<number>;
  /** What is done of a person waits again: only what names something the target did not have, or everything. */
  relink(target: string, subject: string, now: string, which: 'loose' | 'all'): Promise<void>;
  /** What failed or was put off waits from now on. @returns how many */
  retryDeliveries(target: string, now: string): Promise<number>;
  /** The target's copy is not what it should be: the row waits, and its content is sent whatever was known of it. */
  resendDelivery(key: DeliveryKey, now: string): Promise<void>;

  delivery(key: DeliveryKey): Promise<DeliveryRow | null>;
  /** Of one person, ordered by type, id. */
  deliveriesOf(target: string, subject: string): Promise<DeliveryRow[]>;
  /** Subjects of a target after the given one, in order, at most `limit`. */
  deliverySubjects(target: string, after: string, limit: number): Promise<string[]>;
  /** Of all targets, in one state, ordered by target, subject, type, id. */
  deliveriesIn(state: DeliveryRow['state']): Promise<DeliveryRow[]>;
  /** Of one person at all targets: what has left, taken back or not; ordered by target, type, id. */
  releasedOf(subject: string): Promise<DeliveryRow[]>;
  /** Ordered by target, type, state. */
  deliveryCounts(): Promise<DeliveryCount[]>;
}
