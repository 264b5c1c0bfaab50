import { elementTypes, isType } from '../../../src/fhir/fhirpath/paths.ts';

describe('elementTypes', () => {
  test.each<[string, string, string[]]>([
    ['Condition', 'code', ['CodeableConcept']],
    ['Condition', 'id', ['string']],
    ['Condition', 'meta', ['Meta']],
    ['Condition', 'recordedDate', ['dateTime']],
    ['Patient', 'birthDate', ['date']],
    ['Consent', 'provision', ['Consent.provision']],
    ['Consent.provision', 'type', ['code']],
    ['Consent.provision', 'period', ['Period']],
    ['Consent.provision', 'provision', ['Consent.provision']],
    ['Consent.provision', 'modifierExtension', ['Extension']],
    ['CodeableConcept', 'coding', ['Coding']],
    ['Quantity', 'value', ['decimal']],
    ['Age', 'value', ['decimal']],
    ['Condition', 'onset', ['dateTime', 'Age', 'Period', 'Range', 'string']],
  ])('%s.%s', (type, element, types) => {
    expect(elementTypes(type, element)).toEqual(types);
  });

  test.each([
    ['Condition', 'diagnosis'],
    ['Consent.provision', 'status'],
    ['CodeableConcept', 'code'],
    ['Nonsense', 'code'],
  ])('R4 has no %s.%s', (type, element) => {
    expect(elementTypes(type, element)).toBeNull();
  });
});

test('isType knows R4 types and nothing else', () => {
  expect(['Condition', 'Quantity', 'dateTime', 'boolean'].map(isType)).toEqual([true, true, true, true]);
  expect(['Diagnosis', 'condition', ''].map(isType)).toEqual([false, false, false]);
});
