import type { Asked, Built } from './transform.ts';
import { concept, contact, parts, quantity } from './transform-datatypes.ts';
import { pseudonym, reference, translate } from './transform-outside.ts';
import { append, cast, copy, evaluate, truncate } from './transform-values.ts';

/** The transforms of the FHIR Mapping Language that maps may use, and `pseudonym`. `create` is part of the targets. */
export const TRANSFORMS: Readonly<
  Record<string, { takes: string; least: number; most: number; build(asked: Asked): Built | null }>
> = {
  copy: { takes: 'a value', least: 1, most: 1, build: copy },
  evaluate: { takes: 'a variable and an expression', least: 1, most: 2, build: evaluate },
  translate: {
    takes: "a variable, the ConceptMap and 'code', 'Coding' or 'CodeableConcept'",
    least: 3,
    most: 3,
    build: translate,
  },
  cast: { takes: 'a value and a type in quotes', least: 2, most: 2, build: cast },
  truncate: { takes: 'a value and a length', least: 2, most: 2, build: truncate },
  append: { takes: 'values', least: 1, most: 20, build: append },
  reference: { takes: 'a target variable', least: 1, most: 1, build: reference },
  pseudonym: { takes: 'a variable and a kind in quotes', least: 2, most: 2, build: pseudonym },
  c: {
    takes: 'system, code and perhaps display',
    least: 2,
    most: 3,
    build: (asked) => parts(asked, 'Coding', ['system', 'code', 'display']),
  },
  cc: { takes: 'text, or system, code and perhaps display', least: 1, most: 3, build: concept },
  qty: { takes: 'value and unit, or value, unit, system and code', least: 2, most: 4, build: quantity },
  id: {
    takes: 'system and value',
    least: 2,
    most: 2,
    build: (asked) => parts(asked, 'Identifier', ['system', 'value']),
  },
  cp: { takes: 'value, or system and value', least: 1, most: 2, build: contact },
};

/** Why the other transforms of the language are refused. */
export const REFUSED_TRANSFORMS: Readonly<Record<string, string>> = {
  uuid: 'a new one each time: the record could not be rebuilt',
  escape: 'what it escapes is not defined',
  dateOp: 'what it does is not defined',
  pointer: 'it gives on the address of the source',
};
