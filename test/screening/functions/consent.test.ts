import { dayFrom } from '../../../src/fhir/time.ts';
import type { ConsentForm } from '../../../src/study/model.ts';
import { type Evaluate, openEvaluation, type Person } from './evaluation.ts';

let evaluate: Evaluate;
beforeAll(async () => {
  evaluate = await openEvaluation();
});

const BASE = 'https://ncct.example.cn/NFEC-2023-207/icf';
const consent = (more: object = {}, version = 'v3.0') => ({
  resourceType: 'Consent',
  id: 'c',
  status: 'active',
  policy: [{ uri: `${BASE}/${version}` }],
  dateTime: '2025-05-01',
  ...more,
});
const day = (text: string) => dayFrom(text)!;

describe('formInForce', () => {
  const ASK = '%consents.where(formInForce())';
  test.each<[string, string | undefined, boolean | null]>([
    ['v1.0', '2023-02-09', false],
    ['v1.0', '2023-02-10', true],
    ['v1.0', '2023-11-19', true],
    ['v1.0', '2023-11-20', false],
    ['v1.0', '2024-09-01', false],
    ['v2.0', '2023-11-19', false],
    ['v2.0', '2023-11-20', true],
    ['v2.0', '2024-01-15', true],
    ['v2.0', '2024-08-14', true],
    ['v2.0', '2024-08-14T23:59:00+08:00', true],
    ['v2.0', '2024-08-14T16:00:00Z', false],
    ['v2.0', '2024-08-15', false],
    ['v3.0', '2024-08-14', false],
    ['v3.0', '2024-08-14T15:59:00Z', false],
    ['v3.0', '2024-08-14T16:00:00Z', true],
    ['v3.0', '2024-08-15', true],
    ['v3.0', '2025-05', true],
    ['v3.0', '2024-08', null],
    ['v3.0', '2024', null],
    ['v3.0', '2023', false],
    ['v2.0', '2024-08', null],
    ['v2.0', '2023-12', true],
    ['v1.0', '2024', false],
    ['v2.0', undefined, null],
    ['v9.9', '2025-05-01', false],
    ['v9.9', undefined, false],
  ])('%s signed %s', (version, dateTime, answer) => {
    const signed = consent({ dateTime }, version);
    const { items, notes } = evaluate(ASK, { resources: [signed] });
    expect([items, notes]).toEqual([answer ? ['c'] : [], answer === null ? ['date'] : []]);
  });

  test('a form is also named by policyRule, with or without a slash at the end of the system', () => {
    for (const system of [BASE, `${BASE}/`]) {
      const signed = { ...consent({ policyRule: { coding: [{ system, code: 'v3.0' }] } }), policy: undefined };
      expect(evaluate(ASK, { resources: [signed] }).items).toEqual(['c']);
    }
  });

  test('a consent for another study is none here', () => {
    const other = consent({ policy: [{ uri: `${BASE}-other/v3.0` }] });
    expect(evaluate('%consents', { resources: [other] }).items).toEqual([]);
  });

  test('the dates are those of the site, where it has its own', () => {
    const force = (inForceFrom: Record<string, number>, version: string): ConsentForm => ({
      version,
      url: `${BASE}/${version}`,
      obliges: 'none',
      purposes: [],
      coversEarlierData: true,
      inForceFrom,
    });
    const forms = [
      force({ '*': day('2023-02-10') }, 'v1.0'),
      force({ '*': day('2024-01-01'), nf: day('2024-03-01') }, 'v2.0'),
      force({ ya: day('2024-02-01') }, 'v3.0'),
    ];
    const inForce = (version: string, dateTime: string, id: string) =>
      evaluate(ASK, { resources: [consent({ dateTime }, version)], forms, site: { id } }).items.length === 1;
    expect([inForce('v1.0', '2024-02-15', 'nf'), inForce('v1.0', '2024-02-15', 'bf')]).toEqual([true, false]);
    expect([inForce('v2.0', '2024-02-15', 'nf'), inForce('v2.0', '2024-02-15', 'bf')]).toEqual([false, true]);
    expect([inForce('v3.0', '2025-01-01', 'nf'), inForce('v3.0', '2025-01-01', 'ya')]).toEqual([false, true]);
  });
});

describe('formObliges', () => {
  const duty = (version: string, person: Person = {}) =>
    evaluate('%consents.formObliges()', { resources: [consent({ dateTime: '2023-03-01' }, version)], ...person });

  test.each([
    ['v1.0', 'before-collection'],
    ['v2.0', 'before-collection'],
    ['v3.0', 'none'],
  ])('%s: %s', (version, obliges) => {
    expect(duty(version).items).toEqual([obliges]);
  });

  test('only forms in force today oblige; the day on which one will is foretold', () => {
    expect(duty('v1.0', { now: '2024-08-14T23:59:00+08:00' })).toEqual({
      items: ['none'],
      notes: [],
      turnsOn: '2024-08-15',
    });
    expect(duty('v1.0', { now: '2024-08-15T00:00:00+08:00' }).items).toEqual(['before-collection']);
  });

  test('the strictest of several counts', () => {
    const form = (version: string, from: string, obliges: ConsentForm['obliges']): ConsentForm => ({
      version,
      url: `${BASE}/${version}`,
      obliges,
      purposes: [],
      coversEarlierData: true,
      inForceFrom: { '*': day(from) },
    });
    const forms = [
      form('v1.0', '2023-01-01', 'none'),
      form('v2.0', '2024-01-01', 'all'),
      form('v3.0', '2025-01-01', 'before-collection'),
    ];
    const at = (version: string, now: string) => duty(version, { forms, now: `${now}T12:00:00+08:00` }).items;
    expect(at('v1.0', '2023-06-01')).toEqual(['none']);
    expect(at('v1.0', '2025-06-01')).toEqual(['all']);
    expect(at('v2.0', '2025-06-01')).toEqual(['before-collection']);
    expect(at('v3.0', '2025-06-01')).toEqual(['none']);
  });
});

describe('periodOver', () => {
  test.each<[string, object | undefined, boolean, string | null]>([
    ['no provision', undefined, false, null],
    ['no end', { period: { start: '2024-01-01' } }, false, null],
    ['ended yesterday', { period: { end: '2025-05-31' } }, true, null],
    ['ends today', { period: { end: '2025-06-01' } }, false, '2025-06-02'],
    ['ends this month', { period: { end: '2025-06' } }, false, '2025-07-01'],
    ['ended last month', { period: { end: '2025-05' } }, true, null],
    ['ends today by UTC', { period: { end: '2025-05-31T16:30:00Z' } }, false, '2025-06-02'],
    ['ended late yesterday', { period: { end: '2025-05-31T23:59:00+08:00' } }, true, null],
  ])('%s', (_name, provision, over, turnsOn) => {
    const resources = [consent(provision && { provision })];
    expect(evaluate('%consents.where(periodOver())', { resources })).toEqual({
      items: over ? ['c'] : [],
      notes: [],
      turnsOn,
    });
  });
});

describe('signer', () => {
  const ROLE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
  const related = (code: string, system = ROLE) => ({
    resourceType: 'RelatedPerson',
    id: 'g',
    relationship: [{ coding: [{ system, code }] }],
  });
  const SELF = 'Patient/p';
  const GUARDIAN = 'RelatedPerson/g';

  function signer(birthDate: string | undefined, performers: string[], others: object[] = [], person: Person = {}) {
    const signed = consent({ performer: performers.map((reference) => ({ reference })), ...(others[0] ?? {}) });
    const patient = { resourceType: 'Patient', id: 'p', ...(birthDate && { birthDate }) };
    const resources = [patient, signed, ...others.slice(1)];
    return evaluate('%consents.signer()', { resources, ...person }).items[0];
  }

  const ADULT = '1990-01-01';
  const MINOR = '2013-05-01';
  test.each<[string, string | undefined, string[], object[], string]>([
    ['adult', ADULT, [SELF], [], 'patient'],
    ['adult under an earlier id', ADULT, ['Patient/p-old'], [], 'patient'],
    ['adult with a witness', ADULT, ['Practitioner/d', SELF], [], 'patient'],
    ['18 that very day', '2007-05-01', [SELF], [], 'patient'],
    ['18 the day after', '2007-05-02', [SELF], [], 'minor'],
    ['adult by a guardian', ADULT, [GUARDIAN], [related('MTH')], 'other'],
    ['another patient', ADULT, ['Patient/q'], [], 'other'],
    ['a practitioner', ADULT, ['Practitioner/d'], [], 'other'],
    ['an organization', MINOR, ['Organization/o'], [], 'other'],
    ['child alone', MINOR, [SELF], [], 'minor'],
    ['mother', MINOR, [GUARDIAN], [related('MTH')], 'guardian'],
    ['father', MINOR, [GUARDIAN], [related('FTH')], 'guardian'],
    ['legal guardian', MINOR, [GUARDIAN], [related('GUARD')], 'guardian'],
    ['mother and child', MINOR, [SELF, GUARDIAN], [related('MTH')], 'guardian'],
    ['sister', MINOR, [GUARDIAN], [related('SIS')], 'other'],
    ['a code of another system', MINOR, [GUARDIAN], [related('MTH', 'https://example.org/roles')], 'other'],
    ['sister and child', MINOR, [SELF, GUARDIAN], [related('SIS')], 'minor'],
    ['guardian not sent', MINOR, [GUARDIAN], [], 'guardian-unverified'],
    ['no performer, adult', ADULT, [], [], 'patient-assumed'],
    ['no performer, minor', MINOR, [], [], 'nobody'],
    ['no performer, no birth date', undefined, [], [], 'nobody'],
    ['no performer, 17 or 18 that day', '2007', [], [], 'age-unknown'],
    ['no birth date', undefined, [SELF], [], 'age-unknown'],
    ['guardian, no birth date', undefined, [GUARDIAN], [related('MTH')], 'age-unknown'],
    ['17 or 18 that day', '2007', [SELF], [], 'age-unknown'],
    ['only a year, adult for sure', '2006', [SELF], [], 'patient'],
    ['only a year, minor for sure', '2008', [SELF], [], 'minor'],
    ['a practitioner, no birth date', undefined, ['Practitioner/d'], [], 'other'],
  ])('%s', (_name, birthDate, performers, others, expected) => {
    expect(signer(birthDate, performers, [{}, ...others])).toBe(expected);
  });

  test('a guardian inside the consent', () => {
    const inside = (code: string) => signer(MINOR, ['#g'], [{ contained: [related(code)] }]);
    expect([inside('MTH'), inside('SIS')]).toEqual(['guardian', 'other']);
    expect(signer(MINOR, ['#elsewhere'], [{ contained: [related('MTH')] }])).toBe('other');
  });

  test('the age is that of the day of signing; an undated consent has none', () => {
    expect(signer('2007-05-02', [SELF], [{ dateTime: '2025-05-01T16:30:00Z' }])).toBe('patient');
    expect(signer('2007-05-02', [SELF], [{ dateTime: '2025-05' }])).toBe('age-unknown');
    expect(signer(ADULT, [SELF], [{ dateTime: undefined }])).toBe('age-unknown');
  });

  test('both readings are switches of the study', () => {
    expect(signer(ADULT, [], [], { parameters: { consentWithoutPerformer: 'unknown' } })).toBe('nobody');
    expect(signer(MINOR, [GUARDIAN], [], { parameters: { guardianNotFound: 'review' } })).toBe('other');
  });

  test('who counts as guardian is the site’s to say', () => {
    const site = { guardianRelationships: { system: ROLE, codes: ['SIS'] } };
    expect(signer(MINOR, [GUARDIAN], [{}, related('SIS')], { site })).toBe('guardian');
    expect(signer(MINOR, [GUARDIAN], [{}, related('MTH')], { site })).toBe('other');
  });
});
