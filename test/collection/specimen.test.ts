import type { Collecting, CollectionContext } from '../../src/collection/about.ts';
import { assessSpecimen } from '../../src/collection/specimen.ts';
import type { r4 } from '../../src/fhir/resource.ts';
import {
  about,
  at,
  blood,
  booked,
  born,
  CLEAN,
  codes,
  consent,
  contextOf,
  operated,
  type Told,
  tissue,
} from './people.ts';

let context: CollectionContext;
beforeAll(async () => {
  context = await contextOf();
});

const judged = (specimen: r4.Specimen, more: Told<Collecting> = {}) =>
  codes(assessSpecimen(specimen, about(more), context));
const BEFORE_CONSENT = { ...CLEAN, deviations: ['before-consent'], holds: ['before-consent'], quarantined: true };
const CONFIRM = { ...CLEAN, holds: ['confirm-time'] };

test('30 mL from an arm, after consent and before the operation: nothing to say', () => {
  expect(assessSpecimen(blood('2025-06-02T07:30:00+08:00'), about(), context)).toEqual({
    specimen: 'Specimen/s1',
    kind: 'blood',
    kit: 'KIT-000123',
    collected: { began: at('2025-06-02T07:30:00+08:00'), finished: at('2025-06-02T07:30:00+08:00') },
    deviations: [],
    holds: [],
    quarantined: false,
    asks: [],
  });
});

describe('consent (worked example 9)', () => {
  test('blood 08:00+08:00, consent 02:30Z the same day: collected before consent, quarantined', () => {
    const more = { consents: [consent('2025-06-01T02:30:00Z')], surgeries: [] };
    expect(judged(blood('2025-06-01T08:00:00+08:00'), more)).toEqual(BEFORE_CONSENT);
    const [found] = assessSpecimen(blood('2025-06-01T08:00:00+08:00'), about(more), context).deviations;
    expect(found).toEqual({
      code: 'before-consent',
      words: { zh: '采集时尚无有效的知情同意', en: 'Collected when no consent was in force' },
      accepted: false,
    });
  });

  test('consent dated only that day: the time is to be confirmed, no deviation', () => {
    const more = { consents: [consent('2025-06-01')], surgeries: [] };
    expect(judged(blood('2025-06-01T08:00:00+08:00'), more)).toEqual(CONFIRM);
  });

  test.each([
    ['2025-06-01T10:29:00+08:00', BEFORE_CONSENT],
    ['2025-06-01T10:29:59+08:00', BEFORE_CONSENT],
    ['2025-06-01T10:30:00+08:00', CONFIRM],
    ['2025-06-01T10:30:01+08:00', CLEAN],
    ['2025-06-01T10:31:00+08:00', CLEAN],
    // Without an offset the time is the site's.
    ['2025-06-01T10:29:00', BEFORE_CONSENT],
    ['2025-06-01T10:31:00', CLEAN],
    ['2025-06-01', CONFIRM],
    ['2025-05-31', BEFORE_CONSENT],
    ['2025-06', CONFIRM],
  ])('consent 02:30Z, blood %s', (collected, expected) => {
    expect(judged(blood(collected), { consents: [consent('2025-06-01T02:30:00Z')], surgeries: [] })).toEqual(expected);
  });

  test('the day of a consent is the day of the site', () => {
    const more = { consents: [consent('2025-06-01')], surgeries: [] };
    // 15:59Z is 23:59 of that day in Shanghai, 16:00Z the next day.
    expect(judged(blood('2025-06-01T15:59:59Z'), more)).toEqual(CONFIRM);
    expect(judged(blood('2025-06-01T16:00:00Z'), more)).toEqual(CLEAN);
    expect(judged(blood('2025-05-31T15:59:59Z'), more)).toEqual(BEFORE_CONSENT);
    expect(judged(blood('2025-05-31T16:00:00Z'), more)).toEqual(CONFIRM);
  });

  test('one consent of several is enough; one that has ended is none; one for other purposes is none', () => {
    const drawn = blood('2025-06-01T08:00:00+08:00');
    const later = consent('2025-07-01T08:00:00+08:00');
    const old = consent('2024-01-01T08:00:00+08:00');
    expect(judged(drawn, { consents: [later, old] })).toEqual(CLEAN);
    expect(judged(drawn, { consents: [later] })).toEqual(BEFORE_CONSENT);
    const ended = consent('2024-01-01T08:00:00+08:00', '2025-05-31T08:00:00+08:00');
    expect(judged(drawn, { consents: [ended, later] })).toEqual(BEFORE_CONSENT);
    const ending = consent('2024-01-01T08:00:00+08:00', '2025-06-01');
    expect(judged(drawn, { consents: [ending] })).toEqual(CONFIRM);
    expect(judged(drawn, { consents: [consent('2024-01-01', null, ['data', 'tissue'])] })).toEqual(BEFORE_CONSENT);
    expect(judged(drawn, { consents: [] })).toEqual(BEFORE_CONSENT);
  });

  test('a draw that began before the signature is before it, however long it took', () => {
    const period = { start: '2025-05-30T11:58:00+08:00', end: '2025-05-30T12:05:00+08:00' };
    expect(judged(blood(period))).toEqual(BEFORE_CONSENT);
    expect(judged(blood({ end: '2025-05-30T12:05:00+08:00' }))).toEqual(CONFIRM);
  });

  test('without a readable time nothing is ordered, and without a consent none is needed', () => {
    const asks = { ...CONFIRM, asks: ['time-missing'] };
    expect(judged(blood(null))).toEqual(asks);
    expect(judged(blood('2025-13-40'))).toEqual(asks);
    expect(judged(blood({ start: '2025-06-02', end: '2025-06-01' }))).toEqual(asks);
    expect(judged(blood(null), { consents: [] })).toMatchObject({ deviations: ['before-consent'], quarantined: true });
  });
});

describe('the operation', () => {
  test.each([
    ['2025-06-02T08:59:00+08:00', CLEAN],
    ['2025-06-02T08:59:59+08:00', CLEAN],
    ['2025-06-02T09:00:00+08:00', CONFIRM],
    ['2025-06-02T09:00:01+08:00', { ...CLEAN, deviations: ['after-start'] }],
    ['2025-06-02T01:01:00Z', { ...CLEAN, deviations: ['after-start'] }],
    ['2025-06-02', CONFIRM],
    ['2025-06-03', { ...CLEAN, deviations: ['after-start'] }],
  ])('begun at 09:00+08:00, blood %s', (collected, expected) => {
    expect(judged(blood(collected))).toEqual(expected);
  });

  test('a draw that lasts into the operation cannot be ordered by its beginning alone', () => {
    const start = '2025-06-02T08:55:00+08:00';
    expect(judged(blood({ start, end: '2025-06-02T08:59:00+08:00' }))).toEqual(CLEAN);
    expect(judged(blood({ start, end: '2025-06-02T09:05:00+08:00' })).deviations).toEqual(['after-start']);
    expect(judged(blood({ start }))).toEqual(CONFIRM);
  });

  test('the nearest counts, and a booked one is not begun', () => {
    const biopsy = operated('2025-06-02T09:00:00+08:00');
    const resection = operated('2025-07-02T09:00:00+08:00', 'Procedure/p2');
    expect(judged(blood('2025-07-01T09:00:00+08:00'), { surgeries: [biopsy, resection] })).toEqual(CLEAN);
    expect(judged(blood('2025-06-03T09:00:00+08:00'), { surgeries: [resection, biopsy] }).deviations).toEqual([
      'after-start',
    ]);
    expect(judged(blood('2025-07-01T09:00:00+08:00'), { surgeries: [biopsy, booked('2025-07-02')] })).toEqual(CLEAN);
    expect(judged(blood('2025-07-03T09:00:00+08:00'), { surgeries: [booked('2025-07-02')] })).toEqual(CLEAN);
    // As far from the one as from the other: the stricter answer.
    const even = [operated('2025-06-01', 'Procedure/b'), operated('2025-06-03', 'Procedure/a')];
    expect(judged(blood('2025-06-02'), { surgeries: even }).deviations).toEqual(['after-start']);
  });

  test('one that has begun nobody knows when leaves the order open', () => {
    expect(judged(blood('2025-06-01T08:00:00+08:00'), { surgeries: [operated(null)] })).toEqual(CONFIRM);
    expect(judged(blood('2025-06-01T08:00:00+08:00'), { surgeries: [booked(null)] })).toEqual(CLEAN);
    const both = [operated('2025-06-02T09:00:00+08:00'), operated(null, 'Procedure/p4')];
    expect(judged(blood('2025-06-01T08:00:00+08:00'), { surgeries: both })).toEqual(CONFIRM);
    const across = { start: '2025-06-02T08:55:00+08:00', end: '2025-06-02T09:05:00+08:00' };
    expect(judged(blood(across), { surgeries: both })).toEqual(CONFIRM);
  });

  test('tissue is taken during it', () => {
    expect(judged(tissue('2025-06-02T10:00:00+08:00'))).toEqual(CLEAN);
    const noTissue = { consents: [consent('2025-05-30', null, ['data', 'blood'])] };
    expect(judged(tissue('2025-06-02T10:00:00+08:00'), noTissue)).toEqual(BEFORE_CONSENT);
  });
});

describe('volume', () => {
  const drawn = (quantity: r4.Quantity) => blood('2025-06-01', { collection: { quantity } });

  test.each<[r4.Quantity, string[], string[]]>([
    [{ value: 30, code: 'mL' }, [], []],
    [{ value: 29.9, code: 'mL' }, ['low-volume'], []],
    [{ value: 30, unit: 'ml' }, [], []],
    [{ value: 3, code: 'cL' }, [], []],
    [{ value: 0.03, code: 'L' }, [], []],
    [{ value: 0.0299, code: 'L' }, ['low-volume'], []],
    [{ value: 30_000, code: 'uL' }, [], []],
    [{ value: 29, code: 'cm3' }, ['low-volume'], []],
    [{ value: 30, comparator: '<', code: 'mL' }, ['low-volume'], []],
    [{ value: 30, comparator: '<=', code: 'mL' }, [], ['volume-unknown']],
    [{ value: 30, comparator: '>=', code: 'mL' }, [], []],
    [{ value: 20, comparator: '>', code: 'mL' }, [], ['volume-unknown']],
    [{ value: 30 }, [], ['volume-unknown']],
    [{ value: 30, code: 'g' }, [], ['volume-unknown']],
    [{ code: 'mL' }, [], ['volume-unknown']],
  ])('%j', (quantity, deviations, asks) => {
    expect(judged(drawn(quantity))).toEqual({ ...CLEAN, deviations, asks });
  });

  test('without one of its own, the containers are added; one of them unknown leaves it open', () => {
    const { quantity: _, ...collection } = blood('2025-06-01').collection!;
    const tube = (value: number, code = 'mL') => ({ specimenQuantity: { value, code } });
    const tubes = (...container: r4.SpecimenContainer[]) => ({ ...blood('2025-06-01'), collection, container });
    expect(judged(tubes(tube(10), tube(10), tube(10)))).toEqual(CLEAN);
    expect(judged(tubes(tube(10), tube(0.0199, 'L')))).toEqual({ ...CLEAN, deviations: ['low-volume'] });
    expect(judged(tubes(tube(30), {}))).toEqual({ ...CLEAN, asks: ['volume-unknown'] });
    expect(judged(tubes())).toEqual({ ...CLEAN, asks: ['volume-unknown'] });
  });

  const child = { birth: born('2013-03-01') };
  test.each<[number | null, number, string[]]>([
    [20, 48, []],
    [20, 48.1, ['volume-above-cap']],
    [12.5, 30, []],
    [12.5, 10, []],
    [10.2, 24.48, []],
    [null, 10, ['cap-unknown']],
    [0, 10, ['cap-unknown']],
  ])('a child of %s kg, %s mL: a smaller volume is no deviation, the cap is 2.4 mL/kg', (weightKg, value, asks) => {
    expect(judged(drawn({ value, code: 'mL' }), { ...child, weightKg })).toEqual({ ...CLEAN, asks });
  });

  test('a child’s volume is asked about only where it may be above the cap', () => {
    const upTo = (value: number) => drawn({ value, comparator: '<=', code: 'mL' });
    expect(judged(upTo(48), { ...child, weightKg: 20 })).toEqual(CLEAN);
    expect(judged(upTo(49), { ...child, weightKg: 20 })).toEqual({ ...CLEAN, asks: ['volume-above-cap'] });
  });

  test('where the site has no formula the cap is not known', () => {
    const site = { ...context.site, minorBloodCap: null };
    const found = assessSpecimen(drawn({ value: 10, code: 'mL' }), about({ ...child, weightKg: 20 }), {
      ...context,
      site,
    });
    expect(codes(found)).toEqual({ ...CLEAN, asks: ['cap-unknown'] });
  });

  test('the 18th birthday makes an adult, by the day of the site', () => {
    const little = (collected: string) => blood(collected, { collection: { quantity: { value: 10, code: 'mL' } } });
    const more = { birth: born('2007-06-01'), weightKg: 60, surgeries: [] };
    expect(judged(little('2025-05-31T15:59:00Z'), more)).toEqual(CLEAN);
    expect(judged(little('2025-05-31T16:00:00Z'), more)).toEqual({ ...CLEAN, deviations: ['low-volume'] });
    // Born that year: on that day either.
    const year = { first: born('2007-01-01').first, last: born('2007-12-31').last };
    expect(judged(little('2025-05-31T12:00:00Z'), { ...more, birth: year })).toEqual({
      ...CLEAN,
      asks: ['age-unknown'],
    });
    expect(judged(little('2025-05-31T12:00:00Z'), { ...more, birth: null })).toEqual({
      ...CLEAN,
      asks: ['age-unknown'],
    });
    expect(judged(blood('2025-05-31T12:00:00Z'), { ...more, birth: null })).toEqual(CLEAN);
  });
});

describe('position', () => {
  const HL7 = 'http://terminology.hl7.org/CodeSystem/v2-0163';
  const SNOMED = 'http://snomed.info/sct';
  test.each<[r4.CodeableConcept | undefined, string[], string[]]>([
    [{ coding: [{ system: SNOMED, code: '49852007' }] }, [], []],
    [{ coding: [{ system: HL7, code: 'RACF' }] }, [], []],
    [{ text: ' 左前臂' }, [], []],
    [{ text: '非上肢' }, [], ['position-unknown']],
    [{ coding: [{ system: SNOMED, code: '61685007' }] }, ['wrong-site'], []],
    [{ text: '股静脉' }, ['wrong-site'], []],
    [{ coding: [{ system: SNOMED, code: '61685007' }], text: '上肢' }, [], ['position-unknown']],
    [{ coding: [{ system: SNOMED, code: '10200004' }] }, [], ['position-unknown']],
    [undefined, [], ['position-unknown']],
  ])('%j', (bodySite, deviations, asks) => {
    const { bodySite: _, ...collection } = blood('2025-06-01').collection!;
    const specimen = { ...blood('2025-06-01'), collection: bodySite ? { ...collection, bodySite } : collection };
    expect(judged(specimen)).toEqual({ ...CLEAN, deviations, asks });
  });
});

describe('the person', () => {
  const drawn = blood('2025-06-01T08:00:00+08:00');
  test('withdrawal quarantines, an enrolment in error holds', () => {
    expect(judged(drawn, { withdrawn: true })).toEqual({ ...CLEAN, holds: ['consent-withdrawn'], quarantined: true });
    expect(judged(drawn, { enrolledInError: true })).toEqual({ ...CLEAN, holds: ['enrolled-in-error'] });
  });

  test('a guardian’s consent that ended on the 18th birthday holds what was collected until signed again', () => {
    const ended = consent('2025-05-30', '2025-06-02T00:00:00+08:00');
    const more = { birth: born('2007-06-02'), weightKg: 60, consents: [ended] };
    expect(judged(drawn, { ...more, guardianEnded: true })).toEqual({ ...CLEAN, holds: ['re-consent'] });
    const again = [...more.consents, consent('2025-06-10')];
    expect(judged(drawn, { ...more, consents: again })).toEqual(CLEAN);
    expect(judged(blood('2025-06-02T08:00:00+08:00'), { ...more, consents: again })).toEqual(BEFORE_CONSENT);
  });

  test('collected while a newer form was to be signed first: held until it is', () => {
    const from = at('2025-06-01T08:00:00+08:00').start;
    expect(judged(drawn, { collectionWaitsFrom: from })).toEqual({ ...CLEAN, holds: ['re-consent'] });
    expect(judged(drawn, { collectionWaitsFrom: from + 1000 })).toEqual(CLEAN);
  });

  test('an accepted deviation stays marked; of the version named only; quarantine is not lifted', () => {
    const early = blood('2025-05-29');
    const accepted = (aboutWhat: string, code: 'before-consent' | 'low-volume' | null) =>
      assessSpecimen(early, about({ accepted: [{ about: aboutWhat, code }] }), context);
    expect(accepted('Specimen/s1', null).deviations.map((one) => one.accepted)).toEqual([true]);
    expect(accepted('Specimen/s1/_history/1', 'before-consent').deviations[0]?.accepted).toBe(true);
    expect(accepted('Specimen/s1/_history/2', null).deviations[0]?.accepted).toBe(false);
    expect(accepted('Specimen/s1', 'low-volume').deviations[0]?.accepted).toBe(false);
    expect(accepted('Specimen/s1', null).quarantined).toBe(true);
  });
});

describe('kind and kit', () => {
  const typed = (coding: r4.Coding[]) => assessSpecimen(blood('2025-06-01', { type: { coding } }), about(), context);
  const HL7 = 'http://terminology.hl7.org/CodeSystem/v2-0487';
  test('what a specimen is', () => {
    expect(typed([{ system: HL7, code: 'BLDV' }]).kind).toBe('blood');
    expect(typed([{ system: HL7, code: 'TISS' }]).kind).toBe('tissue');
    expect(codes(typed([{ system: HL7, code: 'PLAS' }]))).toEqual({ ...CONFIRM, asks: ['parent-unknown'] });
    expect(typed([{ system: HL7, code: 'UR' }])).toMatchObject({ kind: 'other', asks: [{ code: 'not-of-study' }] });
    expect(
      typed([
        { system: HL7, code: 'BLDV' },
        { system: HL7, code: 'TISS' },
      ]).kind,
    ).toBe('other');
  });

  test('kit ids have the form the profile lets pass', () => {
    const system = 'https://study-gateway.example/sid/kit';
    const kit = (...values: string[]) => {
      const identifier = [{ system: 'https://nf.example.cn/sid/tube', value: 'X' }];
      const found = assessSpecimen(
        blood('2025-06-01', { identifier: [...identifier, ...values.map((value) => ({ system, value }))] }),
        about(),
        context,
      );
      return [found.kit, ...found.asks.map(({ code }) => code)];
    };
    expect(kit('KIT-000123')).toEqual(['KIT-000123']);
    expect(kit('KIT-000123', 'KIT-000123')).toEqual(['KIT-000123']);
    expect(kit()).toEqual([null, 'kit-missing']);
    expect(kit('kit-1')).toEqual([null, 'kit-malformed']);
    expect(kit('XKIT-000123 ')).toEqual(['XKIT-000123']);
    expect(kit('KIT-000123', 'KIT-000124')).toEqual([null, 'kit-malformed']);
  });
});
