import fc from 'fast-check';
import type { r4 } from '../../src/fhir/resource.ts';
import type { AroundEvent, SafetyContext } from '../../src/safety/about.ts';
import { assessAdverseEvent } from '../../src/safety/event.ts';
import {
  around,
  at,
  bleeding,
  called,
  contextOf,
  criterion,
  DAY,
  ended,
  GUIDE,
  HOUR,
  instant,
  stay,
} from './events.ts';

let context: SafetyContext;
beforeAll(async () => {
  context = await contextOf();
});

const NOW = instant('2025-06-10T08:00:00+08:00');
const assess = (event: r4.AdverseEvent, about: Partial<AroundEvent> = {}, now = NOW) =>
  assessAdverseEvent(event, around(about), context, now);
const seriousness = (event: Partial<r4.AdverseEvent>, about: Partial<AroundEvent> = {}, now = NOW) => {
  const { serious, criteria, conflict, asks } = assess(bleeding(event), { awareAt: NOW, ...about }, now);
  return { serious, criteria, conflict, asks: asks.map(({ code }) => code) };
};
const PLAIN = { serious: false, criteria: [], conflict: false, asks: [] };

describe('worked example 11', () => {
  const awareAt = instant('2025-06-03T10:15:00+08:00');

  test('bleeding after biopsy, stay prolonged by 3 days: serious, suspect the biopsy, clock from awareness', () => {
    const stays = [stay('2025-06-01T10:00:00+08:00', '2025-06-05', '2025-06-08T11:00:00+08:00')];
    expect(assess(bleeding({ extension: [criterion('C83052')] }), { stays, awareAt })).toEqual({
      event: 'AdverseEvent/ae1',
      counts: true,
      serious: true,
      criteria: ['C83052'],
      conflict: false,
      expected: true,
      inWindow: true,
      suspect: 'Procedure/biopsy',
      alarm: true,
      clock: {
        unreadSince: null,
        startedAt: awareAt,
        initialDue: instant('2025-06-04T10:15:00+08:00'),
        followUpDue: instant('2025-06-18T10:15:00+08:00'),
        reported: { initial: null, followUp: null },
        overdue: { initial: true, followUp: false },
      },
      asks: [],
    });
  });

  test('also when the source names no criterion', () => {
    const stays = [stay('2025-06-01', '2025-06-05', '2025-06-08')];
    const found = { serious: true, criteria: ['C83052'], conflict: false, asks: ['stay-prolonged'] };
    expect(seriousness({}, { stays })).toEqual(found);
    expect(seriousness(called('Non-serious'), { stays })).toEqual({ ...found, conflict: true });
    // Somebody looked, and ruled it out.
    const ruledOut = { extension: [criterion('C83052', false)] };
    expect(seriousness(ruledOut, { stays })).toEqual({ ...PLAIN, conflict: true });
  });

  test('a planned admission alone: not serious', () => {
    const stays = [stay('2025-06-01', '2025-06-05', '2025-06-05T18:00:00+08:00')];
    expect(seriousness({}, { stays })).toEqual(PLAIN);
    const discounted = { ...PLAIN, conflict: true, asks: ['stay-planned'] };
    expect(seriousness({ extension: [criterion('C83052')] }, { stays })).toEqual(discounted);
    expect(seriousness(called('SeriousResultsInHospitalization'), { stays })).toEqual(discounted);
    expect(assess(bleeding({ extension: [criterion('C83052')] }), { stays, awareAt }).clock).toBeNull();
  });
});

describe('the stay', () => {
  const claimed = { extension: [criterion('C83052')] };
  const SERIOUS = { ...PLAIN, serious: true, criteria: ['C83052'] };

  test('goes beyond its plan on the next day of the site, not at an hour', () => {
    const left = (end: string) => [stay('2025-06-01', '2025-06-05T10:00:00+08:00', end)];
    expect(seriousness({}, { stays: left('2025-06-05T15:59:59Z') }).serious).toBe(false);
    expect(seriousness({}, { stays: left('2025-06-05T16:00:00Z') }).serious).toBe(true);
  });

  test('that still lasts is as planned only when it is over', () => {
    const stays = [stay('2025-06-01', '2025-06-05', null)];
    const on = (text: string) => seriousness({}, { stays }, instant(text)).serious;
    expect(on('2025-06-05T23:59:59+08:00')).toBe(false);
    expect(on('2025-06-06T00:00:00+08:00')).toBe(true);
    expect(seriousness(claimed, { stays }, instant('2025-06-04'))).toEqual(SERIOUS);
    // A discharge that has not come yet is a plan.
    const planned = [stay('2025-06-01', '2025-06-05', '2025-06-05')];
    expect(seriousness(claimed, { stays: planned }, instant('2025-06-04'))).toEqual(SERIOUS);
  });

  test('says nothing when the event was not in it, its plan is unknown, or another admission followed', () => {
    expect(seriousness(claimed, { stays: [stay('2025-06-03', '2025-06-05', '2025-06-05')] })).toEqual(SERIOUS);
    expect(seriousness(claimed, { stays: [stay('2025-06-01', null, '2025-06-05')] })).toEqual(SERIOUS);
    const again = [stay('2025-06-01', '2025-06-05', '2025-06-05'), stay('2025-06-07', '2025-06-09', '2025-06-09')];
    expect(seriousness(claimed, { stays: again })).toEqual(SERIOUS);
    expect(seriousness({}, { stays: [stay('2025-05-01', '2025-05-03', '2025-05-06')] })).toEqual(PLAIN);
    expect(seriousness({ ...claimed, date: '2025-06' }, { stays: [again[0]!] })).toEqual(SERIOUS);
  });

  test('does not make an event harmless that is serious otherwise', () => {
    const stays = [stay('2025-06-01', '2025-06-05', '2025-06-05')];
    expect(seriousness({ extension: [criterion('C83052'), criterion('C84266')] }, { stays })).toEqual({
      serious: true,
      criteria: ['C84266'],
      conflict: true,
      asks: ['stay-planned'],
    });
  });
});

describe('seriousness', () => {
  test.each([
    ['SeriousResultsInDeath', 'C48275'],
    ['SeriousIsLifeThreatening', 'C84266'],
    ['SeriousResultsInHospitalization', 'C83052'],
    ['SeriousResultsInDisability', 'C11338'],
    ['SeriousIsBirthDefect', 'C83117'],
    ['SeriousRequiresPreventImpairment', 'C201939'],
    ['seriousislifethreatening', 'C84266'],
  ])('R4 wrote %s for %s', (code, expected) => {
    const found = { ...PLAIN, serious: true, criteria: [expected] };
    expect(seriousness(called(code))).toEqual(found);
    expect(seriousness({ extension: [criterion(code)] })).toEqual(found);
    expect(seriousness({ extension: [criterion(expected.toLowerCase())] })).toEqual(found);
    expect(seriousness({ extension: [criterion(expected, null, null)] })).toEqual(found);
  });

  test.each(['Serious', 'serious', 'SERIOUS'])('%s without a criterion is serious, and asks which', (code) => {
    expect(seriousness(called(code))).toEqual({ ...PLAIN, serious: true, asks: ['criterion-missing'] });
  });

  test.each(['Non-serious', 'non-serious'])('%s is not, unless something says otherwise', (code) => {
    expect(seriousness(called(code))).toEqual(PLAIN);
    const other = { ...called(code), extension: [criterion('C82521')] };
    expect(seriousness(other)).toEqual({ serious: true, criteria: ['C82521'], conflict: true, asks: [] });
    expect(seriousness(called(code, 'serious'))).toEqual({
      serious: true,
      criteria: [],
      conflict: true,
      asks: ['criterion-missing'],
    });
  });

  test('a fatal outcome is serious whatever the source says', () => {
    const fatal = { ...PLAIN, serious: true, criteria: ['C48275'] };
    expect(seriousness(ended('fatal'))).toEqual(fatal);
    expect(seriousness(ended('Fatal'))).toEqual(fatal);
    expect(seriousness({ ...ended('fatal'), ...called('Serious') })).toEqual(fatal);
    expect(seriousness({ ...ended('fatal'), ...called('Non-serious') })).toEqual({ ...fatal, conflict: true });
    expect(seriousness({ ...ended('fatal'), extension: [criterion('C48275', false)] })).toEqual({
      ...fatal,
      conflict: true,
    });
    expect(seriousness(ended('resolved'))).toEqual(PLAIN);
  });

  test('criteria: absent ones count for nothing, both ways is a conflict, several are sorted', () => {
    expect(seriousness({ extension: [criterion('C84266', false)] })).toEqual(PLAIN);
    expect(seriousness({ extension: [criterion('C84266', false), criterion('C84266')] })).toEqual({
      ...PLAIN,
      serious: true,
      criteria: ['C84266'],
      conflict: true,
    });
    expect(seriousness({ extension: [criterion('C84266'), criterion('C11338')] }).criteria).toEqual([
      'C11338',
      'C84266',
    ]);
  });

  test('a criterion that is not understood is serious; one the study leaves out is not', () => {
    expect(seriousness({ extension: [criterion('X1', true, 'https://nf.example.cn/cs/ae')] })).toEqual({
      ...PLAIN,
      serious: true,
      asks: ['criterion-unknown'],
    });
    expect(seriousness({ extension: [criterion('C00000')] }).serious).toBe(true);
    expect(seriousness({ extension: [criterion('C00000', false)] })).toEqual(PLAIN);
    const rules = { ...context.rules, criteria: new Set(['C48275']) };
    const event = bleeding({ extension: [criterion('C201939')] });
    expect(assessAdverseEvent(event, around(), { ...context, rules }, NOW).serious).toBe(false);
  });
});

describe('what counts', () => {
  const serious = { extension: [criterion('C84266')] };
  test('errors and merely potential events are not reported', () => {
    const status = (valueCode: string) => ({ modifierExtension: [{ url: `${GUIDE}status`, valueCode }] });
    for (const more of [
      status('entered-in-error'),
      { meta: { tag: [{ code: 'entered-in-error' }] } },
      { actuality: 'potential' as const },
    ]) {
      expect(assess(bleeding({ ...serious, ...more }))).toMatchObject({ counts: false, alarm: false, clock: null });
    }
    expect(assess(bleeding({ ...serious, ...status('completed') }))).toMatchObject({ counts: true, alarm: true });
    expect(assess(bleeding({ actuality: 'potential', ...ended('fatal') }))).toMatchObject({
      counts: true,
      alarm: true,
    });
  });

  test('expected events are logged, not alarmed, unless serious', () => {
    const told = (more: Partial<r4.AdverseEvent>, about: Partial<AroundEvent> = {}) => {
      const { expected, alarm } = assess(bleeding(more), about);
      return [expected, alarm];
    };
    const who = 'http://hl7.org/fhir/sid/icd-10';
    expect(told({})).toEqual([true, false]);
    expect(told(serious)).toEqual([true, true]);
    expect(told({ event: { coding: [{ system: who, code: 'R50.9' }] } })).toEqual([true, false]);
    expect(told({ event: { coding: [{ system: who, code: 'I21.9' }] } })).toEqual([false, true]);
    expect(told({ event: { text: '术后出血' } })).toEqual([true, false]);
    expect(told({ event: { text: '術後出血 ' } })).toEqual([true, false]);
    expect(told({ event: { text: '术后出血、休克' } })).toEqual([false, true]);
    expect(told({ event: { coding: [{ system: who, code: 'I21.9' }], text: '术后出血' } })).toEqual([false, true]);
    // Post-operative: not without an operation before it.
    expect(told({}, { procedures: [] })).toEqual([false, true]);
    expect(told({ date: '2025-06-01' })).toEqual([false, true]);
  });
});

describe('the suspect', () => {
  const procedures = [
    { reference: 'Procedure/a', start: at('2025-06-02T09:00:00+08:00') },
    { reference: 'Procedure/b', start: at('2025-06-05') },
    { reference: 'Procedure/c', start: null },
  ];
  const suspected = (more: Partial<r4.AdverseEvent>, about: Partial<AroundEvent> = { procedures }) => {
    const { suspect, asks } = assess(bleeding(more), about);
    return [suspect, asks.some(({ code }) => code === 'suspect-unknown')];
  };
  const names = (...references: string[]) => ({
    suspectEntity: references.map((reference) => ({ instance: { reference } })),
  });

  test('is the last operation that had begun, or may have', () => {
    expect(suspected({})).toEqual(['Procedure/a', false]);
    expect(suspected({ date: '2025-06-02' })).toEqual(['Procedure/a', false]);
    expect(suspected({ date: '2025-06-05' })).toEqual(['Procedure/b', false]);
    expect(suspected({ date: '2025-06-02T08:59:00+08:00' })).toEqual(['Procedure/c', false]);
    expect(suspected({ date: '2025-06-02T08:59:00+08:00' }, { procedures: procedures.slice(0, 2) })).toEqual([
      null,
      false,
    ]);
    expect(suspected({}, { procedures: [] })).toEqual([null, false]);
    const twins = ['Procedure/e', 'Procedure/d'].map((reference) => ({ reference, start: at('2025-06-02') }));
    expect(suspected({}, { procedures: twins })).toEqual(['Procedure/d', false]);
  });

  test('is the one the source names, when it is known', () => {
    expect(suspected(names('Procedure/b'))).toEqual(['Procedure/b', false]);
    expect(suspected(names('Procedure/a', 'Procedure/b/_history/2'))).toEqual(['Procedure/b', false]);
    expect(suspected(names('Medication/m'))).toEqual(['Procedure/a', true]);
    expect(suspected(names('Procedure/z', 'Procedure/c'))).toEqual(['Procedure/c', true]);
  });
});

describe('the window', () => {
  const when = (date: string | undefined, about: Partial<AroundEvent> = {}) => {
    const { date: _, ...event } = bleeding();
    return assess(date === undefined ? event : { ...event, date }, about).inWindow;
  };

  test.each<[string, boolean | null]>([
    ['2025-05-30T11:59:00+08:00', false],
    ['2025-05-30T12:00:00+08:00', null],
    ['2025-05-30T12:01:00+08:00', true],
    ['2025-05-30', null],
    // 30 days after 1 June is 1 July, the whole of it.
    ['2025-07-01T15:59:59Z', true],
    ['2025-07-01T16:00:00Z', false],
    ['2025-07-01', true],
    ['2025-07-02', false],
    ['2025-07', null],
  ])('consent at noon of 30 May, last collection on 1 June: %s', (date, expected) => {
    expect(when(date)).toBe(expected);
  });

  test('no collection: after the procedure; no procedure: until off-study', () => {
    const none = { lastCollectionAt: null };
    expect(when('2025-07-02T23:59:59+08:00', none)).toBe(true);
    expect(when('2025-07-03', none)).toBe(false);
    const bare = { ...none, procedures: [] };
    expect(when('2027-01-01', bare)).toBe(true);
    const offStudyAt = instant('2025-08-01T10:00:00+08:00');
    expect(when('2025-08-01T09:59:59+08:00', { ...bare, offStudyAt })).toBe(true);
    expect(when('2025-08-01T10:00:00+08:00', { ...bare, offStudyAt })).toBe(false);
    expect(when('2025-08-01', { ...bare, offStudyAt })).toBeNull();
    expect(when('2025-09-01', { ...none, procedures: [{ reference: 'Procedure/x', start: null }] })).toBeNull();
  });

  test('a collection known by its month, an event without its time, nobody’s consent', () => {
    const lastCollectionAt = at('2025-06');
    expect(when('2025-07-01', { lastCollectionAt })).toBe(true);
    expect(when('2025-07-15', { lastCollectionAt })).toBeNull();
    expect(when('2025-07-31', { lastCollectionAt })).toBe(false);
    expect(when(undefined)).toBeNull();
    expect(when(undefined, { consentAt: null })).toBe(false);
    const { date: _, ...event } = bleeding();
    expect(assess({ ...event, detected: '2025-05-30T11:00:00+08:00' }).inWindow).toBe(false);
    expect(assess({ ...event, detected: '2025-06-03' }).inWindow).toBeNull();
    expect(assess(event).asks.map(({ code }) => code)).toEqual(['event-undated']);
  });

  test('outside it nothing is reported; possibly inside, the clock runs', () => {
    const serious = { extension: [criterion('C84266')] };
    expect(assess(bleeding({ ...serious, date: '2025-05-29' }))).toMatchObject({
      serious: true,
      alarm: false,
      clock: null,
    });
    expect(assess(bleeding({ ...serious, date: '2025-05-30' }), { awareAt: NOW })).toMatchObject({
      alarm: true,
      clock: { startedAt: NOW, initialDue: NOW + 24 * HOUR, followUpDue: NOW + 15 * DAY },
    });
  });
});

test('the order of extensions, codings, operations and stays never matters', () => {
  const shuffled = <T>(all: T[]) =>
    fc
      .subarray(all)
      .chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })));
  const extensions = ['C48275', 'C83052', 'C00000'].flatMap((code) => [criterion(code), criterion(code, false)]);
  const procedures = ['2025-06-02', '2025-06-02T09:00:00+08:00', '2025-06-01', '2025-06-01'].map((start, index) => ({
    reference: `Procedure/${index}`,
    start: at(start),
  }));
  const stays = [
    stay('2025-06-01', '2025-06-05', '2025-06-05'),
    stay('2025-06-02', '2025-06-03', '2025-06-08'),
    stay('2025-06-02', null, null),
    stay('2025-06-07', '2025-06-09', null),
  ];
  fc.assert(
    fc.property(
      shuffled(extensions),
      shuffled(['Serious', 'non-serious', 'SeriousIsBirthDefect']),
      shuffled(procedures),
      shuffled(stays),
      fc.constantFrom('2025-06-02', '2025-06-02T20:00:00+08:00', '2025-06-08'),
      (extension, codes, operations, admissions, date) => {
        const [first, second] = ([0, 1] as const).map((one) =>
          assess(bleeding({ date, extension: extension[one], ...called(...codes[one]) }), {
            procedures: operations[one],
            stays: admissions[one],
          }),
        );
        expect(second).toEqual(first);
      },
    ),
    { numRuns: 200 },
  );
});
