/** A mistake in an authored definition (ValueSet, ConceptMap, site, text rules). */
export interface DefinitionFault {
  /** The name under which the caller handed the definition in: a file name, as a rule. */
  source: string;
  /** Path from the root of the definition, as in `compose.include[0].concept[3].code`; empty for the whole. */
  path: string;
  /** One sentence for the author: what is wrong and what to write instead. */
  message: string;
}

/** What a compile function returns: the compiled thing, or every fault that was found. */
export type Compiled<T> = { ok: true; value: T } | { ok: false; faults: DefinitionFault[] };

/** A parsed YAML or JSON document with the name of where it came from. */
export interface DefinitionInput {
  source: string;
  content: unknown;
}

/** Takes note of a fault at a path. */
export type ReportFault = (path: string, message: string) => void;

/** A reporter that adds to `faults` under one source. */
export function faultsOf(source: string, faults: DefinitionFault[]): ReportFault {
  return (path, message) => {
    faults.push({ source, path, message });
  };
}
