import { type Evaluate, observation, openEvaluation } from './evaluation.ts';

let evaluate: Evaluate;
beforeAll(async () => {
  evaluate = await openEvaluation();
});

const on = (id: string, effectiveDateTime?: string) =>
  observation({ id, ...(effectiveDateTime && { effectiveDateTime }) });
const request = (occurrenceDateTime?: string, id = 'r') => ({
  resourceType: 'ServiceRequest',
  id,
  status: 'active',
  intent: 'order',
  authoredOn: '2020-01-01',
  ...(occurrenceDateTime && { occurrenceDateTime }),
});
const procedure = (performedDateTime?: string, id = 'x') => ({
  resourceType: 'Procedure',
  id,
  status: 'completed',
  ...(performedDateTime && { performedDateTime }),
});

describe('newest and oldest', () => {
  test.each<[string, [string, string?][], string[], string[]]>([
    [
      'days in order',
      [
        ['a', '2025-01-01'],
        ['b', '2025-03-01'],
        ['c', '2025-02-01'],
      ],
      ['b'],
      ['a'],
    ],
    [
      'the same day is a tie',
      [
        ['a', '2025-03-01'],
        ['b', '2025-03-01'],
      ],
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      'instants, whatever the offset',
      [
        ['a', '2025-03-01T10:00:00+08:00'],
        ['b', '2025-03-01T02:30:00Z'],
      ],
      ['b'],
      ['a'],
    ],
    [
      'a day holds its hours',
      [
        ['a', '2025-03-01'],
        ['b', '2025-03-01T10:00:00+08:00'],
      ],
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      'a month may hold the newest day',
      [
        ['a', '2025-03'],
        ['b', '2025-03-15'],
      ],
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      'a month before is older',
      [
        ['a', '2025-02'],
        ['b', '2025-03-15'],
      ],
      ['b'],
      ['a'],
    ],
    [
      'a year may hold everything in it',
      [
        ['a', '2025'],
        ['b', '2025-03'],
        ['c', '2024-12-31'],
      ],
      ['a', 'b'],
      ['c'],
    ],
    ['undated is older than all, and no oldest', [['a'], ['b', '2010-01-01']], ['b'], ['b']],
    ['undated ones alone all stay', [['a'], ['b']], ['a', 'b'], ['a', 'b']],
    ['nothing', [], [], []],
  ])('%s', (_name, given, newest, oldest) => {
    const resources = given.map(([id, date]) => on(id, date));
    for (const order of [resources, [...resources].reverse()]) {
      expect(evaluate('%observations.newest()', { resources: order }).items.sort()).toEqual(newest);
      expect(evaluate('%observations.oldest()', { resources: order }).items.sort()).toEqual(oldest);
    }
  });

  test('what is dated after the clock does not count before its day', () => {
    const resources = [on('a', '2025-05-01'), on('b', '2025-06-20')];
    expect(evaluate('%observations.newest()', { resources })).toEqual({
      items: ['a'],
      notes: [],
      turnsOn: '2025-06-20',
    });
    expect(evaluate('%observations.newest()', { resources, now: '2025-06-20T00:30:00+08:00' }).items).toEqual(['b']);
  });
});

describe('within days', () => {
  const IN = "%observations.where(within(30, 'd'))";

  test.each<[string, string, string[]]>([
    ['the first day', '2025-05-02', ['o']],
    ['the day before it', '2025-05-01', []],
    ['the last minute before it', '2025-05-01T23:59:00+08:00', []],
    ['its first minute', '2025-05-02T00:00:00+08:00', ['o']],
    ['half past eleven at night in China is that day', '2025-05-01T23:30:00+08:00', []],
    ['the same in UTC is the next', '2025-05-01T23:30:00Z', ['o']],
    ['a zone-less time is of the site', '2025-05-01T23:30:00', []],
    ['the anchor day itself', '2025-06-01', ['o']],
  ])('%s', (_name, effectiveDateTime, items) => {
    const resources = [observation({ effectiveDateTime })];
    expect(evaluate(IN, { resources }).items).toEqual(items);
  });

  test('nothing is too old since the anchor', () => {
    const resources = [request('2025-03-01'), observation({ effectiveDateTime: '2025-05-30' })];
    expect(evaluate(IN, { resources }).items).toEqual(['o']);
  });

  test.each<[string, string | undefined, string[], string[]]>([
    ['a month wholly inside', '2025-05-10', ['o'], []],
    ['a month partly inside', '2025-05', [], ['date']],
    ['a month wholly outside', '2025-04', [], []],
    ['a year', '2025', [], ['date']],
    ['no date', undefined, [], ['date']],
  ])('%s', (_name, effectiveDateTime, items, notes) => {
    const resources = [on('o', effectiveDateTime)];
    expect(evaluate(IN, { resources })).toMatchObject({ items, notes });
    expect(evaluate("%observations.where(within(30, 'd').not())", { resources }).items).toEqual(
      items.length === 0 && notes.length === 0 ? ['o'] : [],
    );
  });

  test('turns on the day after the last in the window', () => {
    const turns = (effectiveDateTime: string) => {
      const { items, turnsOn } = evaluate(IN, { resources: [observation({ effectiveDateTime })] });
      return [items.length, turnsOn];
    };
    expect(turns('2025-05-02')).toEqual([1, '2025-06-02']);
    expect(turns('2025-05-20')).toEqual([1, '2025-06-20']);
    expect(turns('2025-05-01')).toEqual([0, null]);
  });

  test('the clock says the same as what was foretold', () => {
    const resources = [observation({ effectiveDateTime: '2025-05-02' })];
    expect(evaluate(IN, { resources, now: '2025-06-01T23:59:00+08:00' }).items).toEqual(['o']);
    expect(evaluate(IN, { resources, now: '2025-06-01T16:00:00Z' }).items).toEqual([]);
  });
});

describe('within months', () => {
  const IN = "%observations.where(within(12, 'mo'))";
  test.each<[string, string, string[]]>([
    ['2025-06-01', '2024-06-01', ['o']],
    ['2025-06-01', '2024-05-31', []],
    ['2024-02-29', '2023-02-28', ['o']],
    ['2024-02-29', '2023-02-27', []],
    ['2025-02-28', '2024-02-28', ['o']],
  ])('anchor %s, measured %s', (day, effectiveDateTime, items) => {
    const resources = [request(day), observation({ effectiveDateTime })];
    expect(evaluate(IN, { resources }).items).toEqual(items);
  });

  test('a fixed anchor never turns', () => {
    const resources = [request('2025-06-10'), observation({ effectiveDateTime: '2024-06-20' })];
    expect(evaluate(IN, { resources })).toEqual({ items: ['o'], notes: [], turnsOn: null });
  });
});

describe('the anchor of a look-back', () => {
  const IN = "%observations.where(within(30, 'd'))";
  const kept = (effectiveDateTime: string, ...others: object[]) =>
    evaluate(IN, { resources: [observation({ effectiveDateTime }), ...others] }).items.length === 1;

  test('is the start of the earliest open request, never the day it was written', () => {
    expect(kept('2025-02-01', request('2025-03-03'))).toBe(true);
    expect(kept('2025-01-31', request('2025-03-03'))).toBe(false);
    expect(kept('2025-02-01', request('2025-05-20', 'later'), request('2025-03-03'))).toBe(true);
    expect(kept('2025-04-30', request(), procedure())).toBe(false);
  });

  test('is the appointment where the request has no occurrence', () => {
    const appointment = (status: string) => ({
      resourceType: 'Appointment',
      id: 'a',
      status,
      start: '2025-03-03T09:00:00+08:00',
      basedOn: [{ reference: 'ServiceRequest/r' }],
    });
    expect(kept('2025-02-01', request(), appointment('booked'))).toBe(true);
    expect(kept('2025-02-01', request(), appointment('cancelled'))).toBe(false);
  });

  test('may lie ahead', () => {
    expect(kept('2025-05-11', request('2025-06-10'))).toBe(true);
    expect(kept('2025-05-10', request('2025-06-10'))).toBe(false);
  });

  test('is the newest procedure without an open request, counted by its start', () => {
    expect(kept('2025-03-02', procedure('2025-04-01'), procedure('2024-01-01', 'y'))).toBe(true);
    expect(kept('2025-03-01', procedure('2025-04-01'), procedure('2024-01-01', 'y'))).toBe(false);
    const long = { ...procedure(), performedPeriod: { start: '2025-04-01T22:00:00+08:00', end: '2025-04-02' } };
    expect([kept('2025-03-02', long), kept('2025-03-01', long)]).toEqual([true, false]);
  });

  test('is a request before any procedure', () => {
    expect(kept('2025-02-01', request('2025-03-03'), procedure('2025-05-01'))).toBe(true);
  });

  test('is the whole month of a request that names only the month', () => {
    expect(kept('2025-02-15', request('2025-03'))).toBe(false);
    expect(evaluate(IN, { resources: [on('o', '2025-02-15'), request('2025-03')] }).notes).toEqual(['date']);
    expect(kept('2025-03-02', request('2025-03'))).toBe(true);
  });
});

describe('newerThan', () => {
  const NEWER = "%observations.where(id = 'o').where(newerThan(%observations.where(id != 'o')))";
  test.each<[string, string | undefined, (string | undefined)[], boolean | null]>([
    ['the next day', '2025-03-02', ['2025-03-01'], true],
    ['the same day', '2025-03-01', ['2025-03-01'], null],
    ['the day before', '2025-03-01', ['2025-03-02'], false],
    ['a later second', '2025-03-01T10:00:01Z', ['2025-03-01T10:00:00Z'], true],
    ['a month around it', '2025-03-10', ['2025-03'], null],
    ['the month after', '2025-04', ['2025-03'], true],
    ['newer than one, older than another', '2025-03-10', ['2025-03-01', '2025-03-11'], false],
    ['beside something undated', '2025-03-10', [undefined], null],
    ['undated itself', undefined, ['2025-03-01'], null],
    ['than nothing', '2025-03-10', [], true],
  ])('%s', (_name, own, others, answer) => {
    const resources = [on('o', own), ...others.map((date, index) => on(`other${index}`, date))];
    const { items, notes } = evaluate(NEWER, { resources });
    expect([items, notes]).toEqual([answer ? ['o'] : [], answer === null ? ['date'] : []]);
  });
});

describe('notBefore', () => {
  const consent = (dateTime?: string) => ({
    resourceType: 'Consent',
    id: `c${dateTime}`,
    status: 'active',
    policy: [{ uri: 'https://ncct.example.cn/NFEC-2023-207/icf/v3.0' }],
    ...(dateTime && { dateTime }),
  });
  test.each<[string, string | undefined, (string | undefined)[], boolean | null]>([
    ['the day after', '2025-03-02', ['2025-03-01'], true],
    ['the same day', '2025-03-01T08:00:00+08:00', ['2025-03-01'], true],
    ['the same day by the hour, consent later', '2025-03-01T08:00:00+08:00', ['2025-03-01T10:00:00+08:00'], true],
    ['the same day in UTC is the next in China', '2025-03-01T08:00:00+08:00', ['2025-03-01T17:00:00Z'], false],
    ['the day before', '2025-02-28', ['2025-03-01'], false],
    ['one of two', '2025-03-01', ['2025-04-01', '2025-02-01'], true],
    ['a month around it', '2025-03-10', ['2025-03'], null],
    ['a procedure of a month', '2025-03', ['2025-03-10'], null],
    ['the month before', '2025-03-10', ['2025-02'], true],
    ['an undated consent counts as oldest', '2025-03-10', [undefined], true],
    ['no consent', '2025-03-10', [], false],
    ['an undated procedure', undefined, ['2025-03-10'], null],
    ['nothing at all', undefined, [], false],
  ])('%s', (_name, own, consents, answer) => {
    const resources = [procedure(own), ...consents.map(consent)];
    const { items, notes } = evaluate('%procedures.where(notBefore(%consents))', { resources });
    expect([items, notes]).toEqual([answer ? ['x'] : [], answer === null ? ['date'] : []]);
  });
});

describe('ages', () => {
  const patient = (birthDate?: string) => ({ resourceType: 'Patient', id: 'p', ...(birthDate && { birthDate }) });
  test.each<[string, string | undefined, boolean | null, string | null]>([
    ['50 years and 364 days', '1974-06-02', true, '2025-06-02'],
    ['the birthday itself', '1974-06-01', false, null],
    ['the day before turning 18', '2007-06-02', false, '2025-06-02'],
    ['the 18th birthday', '2007-06-01', true, '2058-06-01'],
    ['only a year, every age of which agrees', '1975', true, '2026-01-01'],
    ['only a year, and it depends', '1974', null, '2025-12-31'],
    ['only a month, and it depends', '1974-06', null, '2025-06-30'],
    ['a year that is past', '1973', false, null],
    ['no birth date', undefined, null, null],
  ])('now, 18 to 50: %s', (_name, birthDate, answer, turnsOn) => {
    const found = evaluate('%patient.where(agedNow(18, 50))', { resources: [patient(birthDate)] });
    expect(found.items).toEqual(answer ? ['p'] : []);
    expect(found.notes).toEqual(answer === null ? ['age'] : []);
    expect(found.turnsOn).toBe(turnsOn);
  });

  test('29 February is completed on 1 March of a common year', () => {
    const adult = (now: string) =>
      evaluate('%patient.where(agedNow(18, 150))', {
        resources: [patient('2008-02-29')],
        now: `${now}T12:00:00+08:00`,
      });
    expect(adult('2026-02-28')).toEqual({ items: [], notes: [], turnsOn: '2026-03-01' });
    expect(adult('2026-03-01').items).toEqual(['p']);
  });

  test('the day is the site’s', () => {
    const child = (now: string) =>
      evaluate('%patient.where(agedNow(0, 17))', { resources: [patient('2007-06-01')], now }).items;
    expect([child('2025-05-31T15:59:00Z'), child('2025-05-31T16:00:00Z')]).toEqual([['p'], []]);
  });

  test.each<[string, string, string | undefined, boolean | null]>([
    ['turned 18 the day after', '2007-05-02', '2025-05-01', true],
    ['turned 18 that day', '2007-05-01', '2025-05-01', false],
    ['that day only in China', '2007-05-02', '2025-05-01T17:00:00Z', false],
    ['in a month around the birthday', '2007-05-15', '2025-05', null],
    ['on an unknown day', '2007-05-15', undefined, null],
    ['born in a year', '2007', '2025-05-01', null],
    ['born in a year, child for sure', '2008', '2025-05-01', true],
  ])('on the day of a consent, under 18: %s', (_name, birthDate, dateTime, answer) => {
    const consent = {
      resourceType: 'Consent',
      id: 'c',
      status: 'active',
      policy: [{ uri: 'https://ncct.example.cn/NFEC-2023-207/icf/v3.0' }],
      ...(dateTime && { dateTime }),
    };
    const found = evaluate('%patient.where(agedOn(%consents, 0, 17))', { resources: [patient(birthDate), consent] });
    expect(found).toEqual({ items: answer ? ['p'] : [], notes: answer === null ? ['age'] : [], turnsOn: null });
  });

  test('before any consent the age is that of now', () => {
    const found = evaluate('%patient.where(agedOn(%consents, 0, 17))', { resources: [patient('2007-06-02')] });
    expect(found).toEqual({ items: ['p'], notes: [], turnsOn: '2025-06-02' });
  });
});
