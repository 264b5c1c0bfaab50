import type { Variable } from './expression.ts';

/** A variable that holds a part of the source. */
export interface SourceVariable extends Variable {
  /** Whether it lies below an input of the group, so that a call with it consumes source. */
  below: boolean;
}

/** A variable that holds a part of the target: an object, or a Slot for a primitive. */
export interface TargetVariable {
  type: string;
  slot: number;
  /** Whether it is a contained resource. */
  contained: boolean;
}

/** The variables a rule sees. Sources and targets are named apart (FHIR Mapping Language, "Rules"). */
export class Environment {
  readonly sources: Map<string, SourceVariable>;
  readonly targets: Map<string, TargetVariable>;
  private readonly size: { slots: number };

  constructor(outer: Environment | null = null) {
    this.sources = new Map(outer?.sources);
    this.targets = new Map(outer?.targets);
    this.size = outer?.size ?? { slots: 0 };
  }

  /** The variables seen further in: what is added there is not seen out here. */
  inner(): Environment {
    return new Environment(this);
  }

  /** A place in the frame of the group that nothing else uses. */
  newSlot(): number {
    return this.size.slots++;
  }
}
