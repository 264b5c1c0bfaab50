import type { Language } from '../../fhir/fhirpath/language.ts';

/** Beside plain FHIRPath: what SQL on FHIR adds and `evalSqlOnFhir` carries out. */
export const VIEW_LANGUAGE: Language = {
  of: 'views',
  variables: {},
  functions: {
    getResourceKey: { on: [], parameters: [], returns: ['string'] },
    getReferenceKey: { on: ['Reference'], parameters: [], returns: ['string'] },
    extension: { on: [], parameters: ['code'], returns: ['Extension'] },
    join: { on: [], parameters: ['code'], returns: ['string'] },
  },
};

/** Why what SQL on FHIR has beyond that is refused: the evaluator would ignore it, or fail on the first row. */
export const REFUSED_MEMBERS: Readonly<Record<string, string>> = {
  repeat: 'the evaluator ignores it, and would lose what lies deeper: write the levels as forEach',
};
export const REFUSED_EXPRESSIONS: readonly { form: RegExp; why: string }[] = [
  { form: /%`?rowIndex`?/, why: '%rowIndex is not supported: an order must come from the data' },
  {
    form: /\b(low|high)Boundary\s*\(/,
    why: 'boundaries of partial dates are not supported: give the date as it is written',
  },
];
