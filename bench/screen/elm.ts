import { CRITERIA, type Criterion, codesOf } from './criteria.ts';

type Elm = Record<string, unknown>;

const TYPES = '{urn:hl7-org:elm-types:r1}';
const text = (value: string): Elm => ({ type: 'Literal', valueType: `${TYPES}String`, value });
const number = (value: number): Elm => ({ type: 'Literal', valueType: `${TYPES}Decimal`, value: String(value) });
const property = (scope: string, path: string): Elm => ({ type: 'Property', scope, path });
const exists = (operand: Elm): Elm => ({ type: 'Exists', operand });
const or = (first: Elm, second: Elm): Elm => ({ type: 'Or', operand: [first, second] });
const both = (first: Elm, second: Elm): Elm => ({ type: 'And', operand: [first, second] });
const oneOf = (what: Elm, values: readonly string[]): Elm => ({
  type: 'In',
  operand: [what, { type: 'List', element: values.map(text) }],
});
const query = (alias: string, expression: Elm, where: Elm): Elm => ({
  type: 'Query',
  source: [{ alias, expression }],
  relationship: [],
  where,
});
/** Within `value[x]` of R, when it is of this type. */
const within = (type: string, path: string): Elm => ({
  type: 'Property',
  path,
  source: { type: 'As', strict: false, asType: `{http://hl7.org/fhir}${type}`, operand: property('R', 'value') },
});
const COMPARED = { '<': 'Less', '>=': 'GreaterOrEqual', '<=': 'LessOrEqual' };

/** A criterion as ELM, the form in which CQL is carried out: whether such a resource exists. */
function definition({ name, type, codes, status, confirmed, value, result, since }: Criterion): Elm {
  const { list, leaf, choice } = codesOf(type);
  const path = choice ? `${list}.coding` : list;
  const steps = [exists(query('C', property('R', path), oneOf(property('C', `${leaf}.value`), codes)))];
  if (status) steps.push(oneOf(property('R', 'status.value'), status));
  if (confirmed) {
    const said = property('R', 'verificationStatus.coding');
    const yes = exists(query('V', said, oneOf(property('V', 'code.value'), ['confirmed'])));
    steps.push(or({ type: 'IsNull', operand: property('R', 'verificationStatus') }, yes));
  }
  if (value) steps.push({ type: COMPARED[value.by], operand: [within('Quantity', 'value.value'), number(value.than)] });
  if (result) {
    const coded = exists(
      query('X', within('CodeableConcept', 'coding'), oneOf(property('X', 'code.value'), [result.code])),
    );
    const said = or(
      oneOf(within('CodeableConcept', 'text.value'), [result.text]),
      oneOf(within('string', 'value'), [result.text]),
    );
    steps.push(or(coded, said));
  }
  if (since)
    steps.push({ type: 'SameOrAfter', precision: 'Day', operand: [property('R', 'effective.value'), day(since)] });
  const retrieve = { type: 'Retrieve', dataType: `{http://hl7.org/fhir}${type}` };
  return {
    ...{ name, context: 'Patient', accessLevel: 'Public' },
    expression: exists(query('R', retrieve, steps.reduce(both))),
  };
}

function day(iso: string): Elm {
  const [year, month, date] = iso.split('-').map((part) => ({
    ...{ type: 'Literal', valueType: `${TYPES}Integer`, value: String(Number(part)) },
  }));
  return { type: 'DateTime', year, month, day: date };
}

/** The criteria as one ELM library over FHIR 4.0.1. */
export function criteriaLibrary(): Elm {
  const patient = {
    ...{ name: 'Patient', context: 'Patient' },
    expression: { type: 'SingletonFrom', operand: { type: 'Retrieve', dataType: '{http://hl7.org/fhir}Patient' } },
  };
  return {
    library: {
      identifier: { id: 'BenchCriteria', version: '1' },
      schemaIdentifier: { id: 'urn:hl7-org:elm', version: 'r1' },
      usings: { def: [{ localIdentifier: 'FHIR', uri: 'http://hl7.org/fhir', version: '4.0.1' }] },
      contexts: { def: [{ name: 'Patient' }] },
      statements: { def: [patient, ...CRITERIA.map(definition)] },
    },
  };
}
