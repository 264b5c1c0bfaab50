import { type Evaluate, openEvaluation } from './evaluation.ts';

let evaluate: Evaluate;
beforeAll(async () => {
  evaluate = await openEvaluation();
});

const request = (more: object = {}) => ({
  resourceType: 'ServiceRequest',
  id: 'r',
  status: 'active',
  intent: 'order',
  ...more,
});
const procedure = (performedDateTime?: string, id = 'x') => ({
  resourceType: 'Procedure',
  id,
  status: 'completed',
  ...(performedDateTime && { performedDateTime }),
});

describe('isOrder', () => {
  test.each<[string, string, boolean]>([
    ['order', 'active', true],
    ['order', 'on-hold', true],
    ['order', 'completed', true],
    ['order', 'revoked', false],
    ['order', 'draft', false],
    ['order', 'unknown', false],
    ['original-order', 'active', true],
    ['reflex-order', 'active', true],
    ['filler-order', 'active', true],
    ['instance-order', 'active', true],
    ['proposal', 'active', false],
    ['plan', 'active', false],
    ['directive', 'active', false],
    ['option', 'active', false],
  ])('%s, %s', (intent, status, answer) => {
    const { items, notes } = evaluate('%requests.where(isOrder())', { resources: [request({ intent, status })] });
    expect([items, notes]).toEqual([answer ? ['r'] : [], []]);
  });

  test('a booked procedure is one', () => {
    const booked = { ...procedure('2025-07-01'), status: 'preparation' };
    expect(evaluate('%requests.where(isOrder())', { resources: [booked] }).items).toEqual(['x']);
  });
});

describe('isOpen', () => {
  const OPEN = '%requests.where(isOpen(%procedures, 30))';
  test.each<[string, object, object[], boolean | null]>([
    ['nothing performed', { occurrenceDateTime: '2025-05-20' }, [], true],
    ['on hold', { status: 'on-hold', occurrenceDateTime: '2025-05-20' }, [], true],
    ['performed that day', { occurrenceDateTime: '2025-05-20' }, [procedure('2025-05-20')], false],
    ['performed later', { occurrenceDateTime: '2025-05-20' }, [procedure('2025-05-25')], false],
    ['performed the day before', { occurrenceDateTime: '2025-05-20' }, [procedure('2025-05-19')], true],
    ['the day is the site’s', { occurrenceDateTime: '2025-05-20' }, [procedure('2025-05-19T16:30:00Z')], false],
    ['performed in that month', { occurrenceDateTime: '2025-05-20' }, [procedure('2025-05')], null],
    ['performed at an unknown time', { occurrenceDateTime: '2025-05-20' }, [procedure()], null],
    ['asked for a month, performed in it', { occurrenceDateTime: '2025-05' }, [procedure('2025-05-20')], null],
    ['asked for a month, performed after it', { occurrenceDateTime: '2025-04' }, [procedure('2025-05-01')], false],
    [
      'one before, one after',
      { occurrenceDateTime: '2025-05-20' },
      [procedure('2024'), procedure('2025-05-21', 'y')],
      false,
    ],
    ['no date, nothing performed', {}, [], true],
    ['no date, something performed', {}, [procedure('2025-05-20')], null],
    ['written after it', { authoredOn: '2025-05-20' }, [procedure('2025-05-19')], true],
  ])('%s', (_name, more, procedures, answer) => {
    const { items, notes } = evaluate(OPEN, { resources: [request(more), ...procedures] });
    expect([items, notes]).toEqual([answer ? ['r'] : [], answer === null ? ['date'] : []]);
  });

  test.each<[string, string[], string | null]>([
    ['2025-05-02', ['r'], '2025-06-02'],
    ['2025-05-01', [], null],
    ['2025-05-20', ['r'], '2025-06-20'],
  ])('completed on %s: thirty days, both ends included', (occurrenceDateTime, items, turnsOn) => {
    const resources = [request({ status: 'completed', occurrenceDateTime })];
    expect(evaluate(OPEN, { resources })).toEqual({ items, notes: [], turnsOn });
  });

  test('completed and performed is over at once', () => {
    const resources = [request({ status: 'completed', occurrenceDateTime: '2025-05-20' }), procedure('2025-05-20')];
    expect(evaluate(OPEN, { resources })).toEqual({ items: [], notes: [], turnsOn: null });
  });

  test('completed at an unknown time cannot be decided', () => {
    const resources = [request({ status: 'completed' })];
    expect(evaluate(OPEN, { resources })).toEqual({ items: [], notes: ['date'], turnsOn: null });
  });
});

describe('inEnrolment', () => {
  const IN = '(%requests | %procedures | %notDone).where(inEnrolment())';
  const appointment = {
    resourceType: 'Appointment',
    id: 'a',
    status: 'booked',
    start: '2023-03-01T09:00:00+08:00',
    basedOn: [{ reference: 'ServiceRequest/r' }],
  };
  test.each<[string, object[], boolean | null]>([
    ['the first day', [request({ occurrenceDateTime: '2023-03-01' })], true],
    ['the day before it', [request({ occurrenceDateTime: '2023-02-28' })], false],
    [
      'half past four in UTC is the first day in China',
      [request({ occurrenceDateTime: '2023-02-28T16:30:00Z' })],
      true,
    ],
    ['the last day', [request({ occurrenceDateTime: '2026-02-12' })], true],
    ['the day after it', [request({ occurrenceDateTime: '2026-02-13' })], false],
    ['a month that reaches into it', [request({ occurrenceDateTime: '2026-02' })], true],
    ['the year before it', [request({ occurrenceDateTime: '2022' })], false],
    ['written before, done inside', [request({ authoredOn: '2022-01-01', occurrenceDateTime: '2024-01-01' })], true],
    ['written inside, done after', [request({ authoredOn: '2025-01-01', occurrenceDateTime: '2027-01-01' })], false],
    ['only written, inside', [request({ authoredOn: '2024-01-01' })], true],
    ['only written, before', [request({ authoredOn: '2022-01-01' })], false],
    ['the appointment before the day of writing', [request({ authoredOn: '2022-01-01' }), appointment], true],
    ['active without any date is of today', [request()], true],
    ['completed without any date', [request({ status: 'completed' })], null],
    ['revoked without any date', [request({ status: 'revoked' })], null],
    ['a performed procedure', [procedure('2019-05-01')], false],
    ['a procedure not done', [{ ...procedure('2024-05-01'), status: 'not-done' }], true],
    ['a performed procedure without a date', [procedure()], null],
  ])('%s', (_name, resources, answer) => {
    const { items, notes } = evaluate(IN, { resources });
    expect([items.length, notes]).toEqual([answer ? 1 : 0, answer === null ? ['date'] : []]);
  });

  test('an active request without a date leaves the period with the clock', () => {
    const at = (now: string) => evaluate(IN, { resources: [request()], now });
    expect(at('2023-02-01T12:00:00+08:00')).toEqual({ items: [], notes: [], turnsOn: '2023-03-01' });
    expect(at('2026-02-12T23:59:00+08:00')).toEqual({ items: ['r'], notes: [], turnsOn: '2026-02-13' });
    expect(at('2026-02-13T00:00:00+08:00').items).toEqual([]);
  });
});
