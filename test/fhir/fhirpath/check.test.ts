import { compileExpression } from '../../../src/fhir/fhirpath/compile.ts';
import { LANGUAGE } from '../../../src/study/language.ts';

const NAMES = {
  valueSets: { has: (id: string) => id === 'platelets' },
  concepts: { has: (id: string) => id === 'cirrhosis' },
};
const LANGUAGE_WITH_WINDOW = {
  functions: LANGUAGE.functions,
  variables: { ...LANGUAGE.variables, windowDays: ['decimal'], wording: ['string'] },
};

function faultsOf(text: string) {
  const compiled = compileExpression(text, LANGUAGE_WITH_WINDOW, NAMES, {});
  return 'faults' in compiled ? compiled.faults : [];
}

const ON_INEQUALITY =
  'only numbers may be compared with < and >; dates depend on the zone, quantities on the unit: use the functions';

describe('refused', () => {
  test.each([
    ['%conditions.where(code.foo)', 'R4 has no element "foo" in CodeableConcept'],
    ['%conditions.diagnosis', 'R4 has no element "diagnosis" in Condition'],
    ['%consents.provision.status', 'R4 has no element "status" in Consent.provision'],
    ['(%conditions | %observations).birthDate', 'R4 has no element "birthDate" in Condition or Observation'],
    ['code', 'R4 has no element "code" in nothing'],
    ['%nobody', 'there is no variable %nobody'],
    ['%now', 'there is no variable %now'],
    ["%observations.where(code.memberOf('thrombocytes'))", 'there is no ValueSet "thrombocytes"'],
    ["%conditions.where(suggests('flu'))", 'no text rule is for "flu"'],
    ['%observations.where(code.memberOf(code.text))', 'memberOf() takes a fixed name in quotes here'],
    ['%observations.where(code.memberOf(%wording))', 'memberOf() takes a fixed name in quotes here'],
    ["%observations.where(below('5', 's'))", 'below() takes a number here'],
    ["%observations.where(within(%wording, 'd'))", 'within() takes a number here'],
    ['%observations.where(below(1))', 'below() takes 2 arguments, not 1'],
    ["%observations.where(below(1, 's', 2))", 'below() takes 2 arguments, not 3'],
    ['%conditions.newest(1)', 'newest() takes 0 arguments, not 1'],
    ['%observations.where(within(30))', 'within() takes 2 arguments, not 1'],
    ['%conditions.where(positive())', 'positive() works on Observation, not on Condition'],
    ["%conditions.where(memberOf('platelets'))", 'memberOf() works on CodeableConcept, not on Condition'],
    ['%conditions.repeat(code)', 'the function repeat() is not part of the language of criteria'],
    ['%conditions.code.text.lower()', 'the function lower() is not part of the language of criteria'],
    ['%conditions.frobnicate()', 'the function frobnicate() is not part of the language of criteria'],
    ['%observations.value.ofType(Quantitee)', 'R4 has no type "Quantitee"'],
    ['%observations.where(value is Quantity)', '"TypeExpression" is not part of the language of criteria'],
    ['%conditions.where($index = 1)', '"IndexInvocation" is not part of the language of criteria'],
  ])('%s', (text, message) => {
    expect(faultsOf(text).map((fault) => fault.message)).toContain(message);
  });

  test.each([
    ['now()', /^now\(\) may not be used: it depends on the machine/],
    ['%conditions.where(recordedDate = today())', /^today\(\) may not be used: it depends on the machine/],
    ['timeOfDay()', /^timeOfDay\(\) may not be used: it depends on the machine/],
    ['iif(%conditions.exists(), 1, 2)', /^iif\(\) may not be used: .*write two rules$/],
    ['%conditions.subject.resolve()', /^resolve\(\) may not be used: .*use the variables$/],
    ["%conditions.trace('x')", /^trace\(\) may not be used: it prints patient data$/],
  ])('%s', (text, message) => {
    expect(faultsOf(text).map((fault) => fault.message)).toEqual([expect.stringMatching(message)]);
  });

  test.each([
    '%conditions.where(recordedDate > @2024-01-01)',
    '%conditions.where(recordedDate < %patient.birthDate)',
    '%conditions.where(@2024 >= onset.ofType(dateTime))',
    "%observations.where(value.ofType(Quantity) > 3 'kg')",
    "%conditions.where(code.text <= 'b')",
  ])('%s', (text) => {
    expect(faultsOf(text).map((fault) => fault.message)).toContain(ON_INEQUALITY);
  });

  test.each([
    '',
    '   ',
    '%conditions.where(code.exists()',
    '%conditions..code',
    '%conditions.where(code = )',
    'and %conditions',
    "'open",
  ])('%j is no FHIRPath', (text) => {
    expect(faultsOf(text).map((fault) => fault.message)).toEqual([
      expect.stringMatching(/^the expression cannot be read: /),
    ]);
  });

  test('all faults come at once, each with its line and column', () => {
    expect(faultsOf("%conditions\n  .where(code.foo and bar.exists())\n  .where(code.memberOf('x'))")).toEqual([
      { message: 'R4 has no element "foo" in CodeableConcept', line: 2, column: 15 },
      { message: 'R4 has no element "bar" in Condition', line: 2, column: 23 },
      { message: 'there is no ValueSet "x"', line: 3, column: 24 },
    ]);
  });

  test('a syntax error names its line', () => {
    expect(faultsOf('%conditions\n.where(code.exists()\n')).toEqual([
      expect.objectContaining({ line: expect.any(Number), message: expect.stringContaining('cannot be read') }),
    ]);
    expect(faultsOf('%conditions.where(\n  code = )')[0]).toMatchObject({ line: 2 });
  });
});

describe('accepted', () => {
  test.each<[string, string[], string[]]>([
    ['%conditions', ['Condition'], ['conditions']],
    ["%observations.where(code.memberOf('platelets'))", ['Observation'], ['observations']],
    ["%observations.where(below(50, '10*9/L'))", ['Observation'], ['observations']],
    ["%observations.where(within(%windowDays, 'd'))", ['Observation'], ['observations', 'windowDays']],
    ["%conditions.where(suggests('cirrhosis'))", ['Condition'], ['conditions']],
    ['%conditions | %observations', ['Condition', 'Observation'], ['conditions', 'observations']],
    ['%retracted.ofType(Condition)', ['Condition'], ['retracted']],
    ['%conditions.code.coding.code', ['code'], ['conditions']],
    ["%consents.where(provision.type = 'permit')", ['Consent'], ['consents']],
    ['%observations.value', ['Quantity', 'CodeableConcept'], ['observations']],
    ['%conditions.count() > %windowDays', ['boolean'], ['conditions', 'windowDays']],
    ['%conditions.newest().where(current().not())', ['Condition'], ['conditions']],
    ['%requests.where(isOpen(%procedures, 30))', ['ServiceRequest', 'Procedure'], ['requests', 'procedures']],
    ["%consents.where(signer() = 'patient')", ['Consent'], ['consents']],
  ])('%s', (text, types, variables) => {
    const compiled = compileExpression(text, LANGUAGE_WITH_WINDOW, NAMES, {});
    if ('faults' in compiled) throw new Error(compiled.faults[0]!.message);
    expect(compiled.text).toBe(text);
    expect(compiled.types).toEqual(expect.arrayContaining(types));
    expect([...compiled.variables].sort()).toEqual(variables.sort());
  });
});
