/** How a function changes the type of its input. */
export type Effect =
  | 'filter'
  | 'same'
  | 'project'
  | 'combine'
  | 'ofType'
  | 'extension'
  | 'pseudonym'
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'string';

const NAMES: Readonly<Record<Effect, string>> = {
  filter: 'where',
  same: 'first last tail skip take distinct',
  project: 'select',
  combine: 'union',
  ofType: 'ofType',
  extension: 'extension',
  pseudonym: 'pseudonym',
  boolean: 'exists all empty not hasValue startsWith endsWith contains matches memberOf',
  integer: 'count length indexOf toInteger',
  decimal: 'toDecimal',
  string: 'toString upper lower trim substring replace join',
};

/** Functions of FHIRPath that maps may use, and `memberOf` and `pseudonym`. */
export const FUNCTIONS: ReadonlyMap<string, Effect> = new Map(
  Object.entries(NAMES).flatMap(([effect, names]) => names.split(' ').map((name) => [name, effect as Effect] as const)),
);

/** Functions whose argument is a condition on each item. */
export const CONDITIONS: ReadonlySet<string> = new Set(['where', 'exists', 'all']);

/** Why some well-known functions are refused. */
export const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  now: 'it depends on the machine',
  today: 'it depends on the machine',
  timeOfDay: 'it depends on the machine',
  resolve: 'a map sees one resource only',
  conformsTo: 'profiles are checked elsewhere',
  iif: 'an empty condition takes the second branch; write two rules with "where"',
  trace: 'it prints patient data',
  children: 'the elements must be named',
  descendants: 'the elements must be named',
  repeat: 'the elements must be named',
};
