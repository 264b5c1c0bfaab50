import type { FhirResource } from '../../src/fhir/resource.ts';
import { INITIALS } from '../../src/identity/initials.ts';
import { type Change, changeOf } from '../../src/record/change.ts';
import { needOf } from '../../src/record/need.ts';
import { PATIENT_ELEMENT } from '../../src/record/patient-element.ts';
import { prune } from '../../src/record/prune.ts';
import { rankOf, versionNumber } from '../../src/record/rank.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { condition, context, type Rooms, rooms } from './context.ts';

let all: Rooms;
beforeAll(async () => {
  all = await rooms();
});
const needed = (resource: FhirResource) => {
  const { needed: yes, reason } = needOf(resource, all.site, all.rules);
  return yes ? 'needed' : reason;
};

describe('what is needed', () => {
  const ctx = () => b.feedContext('ya', 1);
  const icd = (code: string) => ({ code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code }] } });
  const encounter = (more: object) => ({
    resourceType: 'Encounter',
    class: { code: 'IMP' },
    period: { start: '2025-05-01' },
    diagnosis: [{ condition: { reference: 'Condition/c' } }],
    ...more,
  });
  const drug = (on: string) => ({ resourceType: 'MedicationRequest', status: 'active', authoredOn: on });

  test.each<[string, () => FhirResource, string]>([
    ['a code of the study', () => condition(), 'needed'],
    ['another diagnosis', () => condition(icd('I10')), 'no-code-of-the-study'],
    ['a text that a rule reads', () => condition({ code: { text: '脂肪肝' } }), 'needed'],
    ['another text', () => ({ resourceType: 'Observation', code: { text: '血压' } }), 'no-code-of-the-study'],
    [
      'a text in a display',
      () => condition({ code: { coding: [{ system: 'x', code: 'y', display: '肝硬化' }] } }),
      'needed',
    ],
    ['a Consent for the study', () => b.consent(ctx(), { on: null }), 'needed'],
    [
      'a Consent for another one',
      () => b.consent(ctx(), { on: null, policyUri: 'https://other.example.org/icf' }),
      'other-consent',
    ],
    ['a stay with its diagnoses', () => encounter({}), 'needed'],
    ['a stay without a list of diagnoses', () => encounter({ diagnosis: undefined }), 'needed'],
    ['a visit', () => encounter({ class: { code: 'AMB' } }), 'no-hospital-stay'],
    ['a stay of long ago', () => encounter({ period: { start: '2019-01-01', end: '2019-01-09' } }), 'before-the-study'],
    ['a drug', () => drug('2025-05-01'), 'needed'],
    ['a drug of long ago', () => drug('2019-05-01'), 'before-the-study'],
    ['a drug at an unknown time', () => ({ resourceType: 'MedicationStatement', status: 'active' }), 'needed'],
    ['another type', () => ({ resourceType: 'AllergyIntolerance' }), 'type-not-needed'],
  ])('%s', (_, resource, wanted) => {
    expect(needed(resource())).toBe(wanted);
  });

  test('a local code that no map knows is told, needed or not', () => {
    const system = 'https://ya.example.cn/cs/dx';
    const local = { system, code: 'DX7777', display: '未知' };
    const need = needOf(condition({ code: { coding: [local] } }), all.site, all.rules);
    expect(need.unmapped).toEqual([{ system, code: 'DX7777', text: '未知' }]);
    const both = { coding: [local, { system: 'http://hl7.org/fhir/sid/icd-10', code: 'B18.1' }] };
    const coded = needOf(condition({ code: both }), all.site, all.rules);
    expect([coded.needed, coded.alsoCoded, coded.unmapped.length]).toEqual([true, true, 1]);
  });
});

describe('what is kept', () => {
  const SECRET = '王秘密';
  const identifying = {
    text: { status: 'generated', div: `<div>${SECRET}</div>` },
    note: [{ text: SECRET }],
    identifier: [{ value: SECRET }],
    recorder: { display: SECRET },
    asserter: { display: SECRET },
    performer: [{ reference: 'Practitioner/x', display: SECRET }],
    subject: { reference: 'Patient/p', display: SECRET },
    patient: { reference: 'Patient/p', display: SECRET },
    encounter: { reference: 'Encounter/e', display: SECRET },
    name: [{ text: SECRET }],
    telecom: [{ value: SECRET }],
    address: [{ text: SECRET }],
    extension: [{ url: 'x', valueString: SECRET }],
    contained: [{ resourceType: 'Patient', id: 'x', name: [{ text: SECRET }], identifier: [{ value: SECRET }] }],
    participant: [{ actor: { reference: 'Patient/p', display: SECRET } }],
    location: [{ location: { display: SECRET } }],
    patientInstruction: SECRET,
    comment: SECRET,
  };

  test.each(Object.keys(PATIENT_ELEMENT).filter((type) => type !== 'Patient'))(
    'nothing identifying of a %s',
    (resourceType) => {
      const resource = { resourceType, id: 'r', ...identifying };
      const change = changeOf(resource, all.site, context, all.rules) as Change;
      expect(change.person).toBe('p');
      expect(JSON.stringify({ ...change, body: change.body() })).not.toContain(SECRET);
    },
  );

  test('nor of what a person of the feed sends; of the name only the initials are kept, in the Patient', () => {
    const ctx = b.feedContext('ya', 1);
    const [patient, ...rest] = eligiblePerson(ctx, { consents: [] });
    const name = (patient as { name?: { text: string }[] }).name![0]!.text;
    const shown = rest.map((each) => ({ ...each, text: { status: 'generated', div: `<div>${name}</div>` } }));
    const bodies = shown.map((each) => (changeOf(each, all.site, context, all.rules) as Change).body());
    expect(JSON.stringify(bodies)).not.toContain(name);
    const kept = prune({ ...patient!, name: [{ text: '欧阳娜娜' }] });
    expect(JSON.stringify(kept)).not.toContain('欧阳');
    expect(kept.extension).toEqual([{ url: INITIALS, valueString: 'OYNN' }]);
  });

  test('of a contained guardian only the relationship', () => {
    const relationship = [{ coding: [{ code: 'MTH' }] }];
    const guardian = { resourceType: 'RelatedPerson', id: 'g', relationship, name: [{ text: SECRET }] };
    const kept = prune({
      resourceType: 'Consent',
      id: 'k',
      contained: [guardian, { resourceType: 'Patient', id: 'x' }],
    });
    expect(kept.contained).toEqual([{ resourceType: 'RelatedPerson', id: 'g', relationship }]);
  });

  test('pruning changes nothing it is given', () => {
    const given = condition(identifying);
    const before = structuredClone(given);
    prune(given);
    expect(given).toEqual(before);
  });
});

describe('the rank of a version', () => {
  const rank = (meta: object) => rankOf({ resourceType: 'Condition', id: 'c', meta }, 'Asia/Shanghai');

  test('is lastUpdated as an instant, whatever its zone and precision', () => {
    expect(rank({ lastUpdated: '2025-05-01T08:00:00+08:00' }).at).toBe('2025-05-01T00:00:00.000000000Z');
    expect(rank({ lastUpdated: '2025-05-01T00:00:00Z' }).at).toBe('2025-05-01T00:00:00.000000000Z');
    expect(rank({ lastUpdated: '2025-05-01T00:00:00.1234567Z' }).at).toBe('2025-05-01T00:00:00.123456700Z');
    expect(rank({}).at).toBeNull();
  });

  test('has the versionId only where that is a whole number', () => {
    expect(['7', '007', '0', 'a7', '-1', '1.5', '', null, undefined].map(versionNumber)).toEqual([
      ...[7, 7, 0, null, null, null, null, null, null],
    ]);
  });

  test('ends with the content: key order does not count, values do', () => {
    const one = rankOf({ resourceType: 'Condition', id: 'c', a: 1, b: 2 }, 'Asia/Shanghai').hash;
    expect(rankOf({ b: 2, id: 'c', a: 1, resourceType: 'Condition' }, 'Asia/Shanghai').hash).toBe(one);
    expect(rankOf({ resourceType: 'Condition', id: 'c', a: 1, b: 3 }, 'Asia/Shanghai').hash).not.toBe(one);
  });
});
