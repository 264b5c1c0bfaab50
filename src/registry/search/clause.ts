import type { FhirResource } from '../../fhir/resource.ts';
import { type Span, spanOf } from '../../fhir/time.ts';
import type { Parameter } from '../types.ts';
import { referencesOf, spansOf, tokensOf, valuesAt } from './values.ts';

/** One parameter of a search with its values, of which any may fit. */
export interface Clause {
  parameter: Parameter;
  /** Of a token or a reference, as given and unescaped; they narrow down where to look. Empty where a modifier turns them. */
  values: readonly string[];
  fits(resource: FhirResource): boolean;
}

export interface ClauseContext {
  /** IANA name, for dates without an offset. */
  zone: string;
  /** URL of the API, without a slash at the end. */
  base: string;
}

/** What is wrong with a clause: the modifier or a value. */
export type ClauseFault = 'modifier' | 'value';

/** Reads a parameter with its modifier and values (R4, search.html); the text of values keeps its escapes. */
export function clauseOf(
  parameter: Parameter,
  modifier: string | null,
  text: string,
  context: ClauseContext,
): Clause | ClauseFault {
  const values = text.split(/(?<!\\),/);
  if (modifier === 'missing') {
    if (text !== 'true' && text !== 'false') return 'value';
    const wanted = text === 'true';
    return clause(parameter, [], (found) => (found.length === 0) === wanted);
  }
  if (parameter.type === 'token') return tokenClause(parameter, modifier, values);
  if (parameter.type === 'date') return modifier === null ? dateClause(parameter, values, context.zone) : 'modifier';
  if (modifier !== null && !parameter.targets.includes(modifier)) return 'modifier';
  return referenceClause(parameter, modifier, values, context.base);
}

function clause(parameter: Parameter, values: readonly string[], fits: (found: unknown[]) => boolean): Clause {
  return {
    parameter,
    values,
    fits: (resource) => fits(parameter.paths.flatMap((path) => valuesAt(resource, path))),
  };
}

const unescaped = (text: string): string => text.replace(/\\([\\,|$])/g, '$1');

function tokenClause(parameter: Parameter, modifier: string | null, values: readonly string[]): Clause | ClauseFault {
  if (modifier !== null && modifier !== 'not') return 'modifier';
  const wanted = values.map((text) => {
    const [first, ...rest] = text.split(/(?<!\\)\|/).map(unescaped);
    // `code`, `system|code`, `|code` (no system), `system|` (any code of it).
    return rest.length === 0 ? { system: null, code: first! } : { system: first!, code: rest.join('|') };
  });
  if (wanted.some(({ system, code }) => code === '' && !system)) return 'value';
  const any = (found: unknown[]) =>
    found.flatMap(tokensOf).some((token) =>
      wanted.some(({ system, code }) => {
        const inSystem = system === null || token.plain || (token.system ?? '') === system;
        return inSystem && (code === '' ? token.system === system : token.code === code);
      }),
    );
  const negated = modifier === 'not';
  return clause(parameter, negated ? [] : wanted.map(({ code }) => code), (found) => any(found) !== negated);
}

type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

const within = (value: Span, asked: Span) => value.start >= asked.start && value.end <= asked.end;
/** How the time of a resource must lie to the time asked for (R4, search.html#prefix). */
const COMPARE: Readonly<Record<Prefix, (value: Span, asked: Span) => boolean>> = {
  eq: within,
  ne: (value, asked) => !within(value, asked),
  gt: (value, asked) => value.end > asked.end,
  lt: (value, asked) => value.start < asked.start,
  ge: (value, asked) => value.end > asked.end || within(value, asked),
  le: (value, asked) => value.start < asked.start || within(value, asked),
  sa: (value, asked) => value.start >= asked.end,
  eb: (value, asked) => value.end <= asked.start,
  ap: (value, asked) => value.start < asked.end && value.end > asked.start,
};

function dateClause(parameter: Parameter, values: readonly string[], zone: string): Clause | ClauseFault {
  const asked: { compare: (typeof COMPARE)[Prefix]; span: Span }[] = [];
  for (const text of values) {
    const [, prefix = 'eq', time] = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(\d.*)$/.exec(text) ?? [];
    // A plus that was not encoded came as a space.
    const span = time === undefined ? null : spanOf(time.replace(' ', '+'), zone);
    if (!span) return 'value';
    asked.push({ compare: COMPARE[prefix as Prefix], span });
  }
  return clause(parameter, [], (found) =>
    found.flatMap((value) => spansOf(value, zone)).some((value) => asked.some((one) => one.compare(value, one.span))),
  );
}

function referenceClause(
  parameter: Parameter,
  type: string | null,
  values: readonly string[],
  base: string,
): Clause | ClauseFault {
  const names: string[] = [];
  for (const text of values) {
    const local = unescaped(text).startsWith(`${base}/`) ? unescaped(text).slice(base.length + 1) : unescaped(text);
    const [, of, id] = /^(?:([A-Z][A-Za-z]+)\/)?([A-Za-z0-9.-]{1,64})$/.exec(local) ?? [];
    if (!id || (type !== null && of !== undefined && of !== type)) return 'value';
    const types = of ? [of] : type ? [type] : parameter.targets;
    names.push(...types.map((one) => `${one}/${id}`));
  }
  const wanted = new Set(names);
  return clause(parameter, names, (found) => found.flatMap(referencesOf).some((name) => wanted.has(name)));
}
