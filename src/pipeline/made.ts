/** What is otherwise made of a change when it is written, made before, in a thread that has the resource. */
export interface Made {
  /** `idHash` of the resource; null where nothing is remembered of its type. */
  idHash: string | null;
  /** JSON of what is kept; null when the study does not need the resource. */
  text: string | null;
  /** Keyed hashes of its identifiers; none of what is not kept. */
  identifiers: readonly string[];
}

/**
 * What is kept of a change must be written, and was not made: a version that the study does not need takes the place of
 * one that it needed. The resource is to be prepared again by whoever has it.
 */
export class Unmade extends Error {
  constructor() {
    super('What is kept of this change was not made.');
  }
}
