import { R4_TYPES } from '../fhir/shape/types.ts';

/** What a scope allows: create, read, update, delete, search. */
export type Action = 'c' | 'r' | 'u' | 'd' | 's';

/** Resource type, or `*` for all of them → the letters of its actions, in the order of `cruds`. */
export type Scopes = ReadonlyMap<string, string>;

const CRUDS = 'cruds';
/** What the v1 words mean in v2 (SMART App Launch 2.2, "Scopes for requesting FHIR Resources"). */
const V1 = { read: 'rs', write: 'cud', '*': CRUDS } as const;
const SCOPE = /^system\/(\*|[A-Z][A-Za-z]{0,63})\.(read|write|\*|c?r?u?d?s?)$/;

export interface ReadScopes {
  scopes: Scopes;
  /** All that was understood is written as in SMART v1, and some was. */
  v1: boolean;
  /** What was not understood, as it was given: other contexts, no type of R4, search parameters. */
  unknown: string[];
}

/** Reads SMART system scopes, v1 (`system/Patient.read`) and v2 (`system/Patient.rs`), separated by spaces. */
export function readScopes(text: string): ReadScopes {
  const scopes = new Map<string, string>();
  const unknown: string[] = [];
  let [v1, known] = [true, false];
  for (const one of text.split(' ').filter(Boolean)) {
    const [, type, said] = SCOPE.exec(one) ?? [];
    if (!type || !said || (type !== '*' && !R4_TYPES.has(type))) {
      unknown.push(one);
      continue;
    }
    const old = said in V1 ? V1[said as keyof typeof V1] : null;
    if (old === null) v1 = false;
    known = true;
    scopes.set(type, ordered((scopes.get(type) ?? '') + (old ?? said)));
  }
  return { scopes, v1: v1 && known, unknown };
}

/** Whether the scopes allow an action on a resource type. */
export function allows(scopes: Scopes, type: string, action: Action): boolean {
  return `${scopes.get(type) ?? ''}${scopes.get('*') ?? ''}`.includes(action);
}

/** What both allow: for every type exactly the actions that each of the two allows. Empty when there is nothing. */
export function intersect(asked: Scopes, granted: Scopes): Scopes {
  const both = new Map<string, string>();
  for (const type of ['*', ...asked.keys(), ...granted.keys()]) {
    const all = type === '*' ? '' : (both.get('*') ?? '');
    const actions = [...CRUDS].filter(
      (action) =>
        allows(asked, type, action as Action) && allows(granted, type, action as Action) && !all.includes(action),
    );
    if (actions.length > 0) both.set(type, actions.join(''));
  }
  return both;
}

/**
 * Scopes as a client reads them, `*` first, then by type.
 * @param v1 in the words of SMART v1, when all of them can be said so
 */
export function writeScopes(scopes: Scopes, v1 = false): string {
  const rows = [...scopes].sort(([a], [b]) => (a < b ? -1 : 1));
  const wordOf = (actions: string) => Object.entries(V1).find(([, letters]) => letters === actions)?.[0];
  const words = v1 && rows.every(([, actions]) => wordOf(actions));
  return rows.map(([type, actions]) => `system/${type}.${words ? wordOf(actions) : actions}`).join(' ');
}

function ordered(actions: string): string {
  return [...CRUDS].filter((action) => actions.includes(action)).join('');
}
