import { answers, at, consent, grants, instant, NOW, purpose, signedUnder } from './people.ts';

describe('from the signature on', () => {
  test.each([
    ['an instant', '2025-05-20T02:30:00Z', ['2025-05-20T10:29:59+08:00', '2025-05-20T10:30:01+08:00'], 'no yes'],
    ['the very second', '2025-05-20T02:30:00Z', ['2025-05-20T10:30:00+08:00'], 'unknown'],
    // Blood at 08:00 in Shanghai is before a signature at 02:30 in Greenwich.
    ['another offset', '2025-05-20T02:30:00Z', ['2025-05-20T08:00:00+08:00', '2025-05-20T03:00:00Z'], 'no yes'],
    ['a day holding the signature', '2025-05-20T02:30:00Z', ['2025-05-20'], 'unknown'],
    [
      'only a day',
      '2025-05-20',
      ['2025-05-19', '2025-05-20', '2025-05-20T02:30:00Z', '2025-05-21'],
      'no unknown unknown yes',
    ],
    [
      'the day is the site’s',
      '2025-05-20',
      ['2025-05-19T16:00:00Z', '2025-05-19T15:59:59Z', '2025-05-20T16:00:00Z'],
      'unknown no yes',
    ],
    ['only a month', '2025-04', ['2025-03-31', '2025-04-15', '2025-05-01'], 'no unknown yes'],
  ])('%s', (_, signed, times, expected) => {
    expect(answers(grants([consent(signed)]), times, 'blood')).toBe(expected);
  });

  test('gives the intervals of yes', () => {
    const given = grants([consent('2025-05-20', { provision: { type: 'permit', period: { end: '2026-05-19' } } })]);
    expect(given.intervals('blood')).toEqual([{ start: instant('2025-05-21'), end: instant('2026-05-20') }]);
    expect(given.intervals('abroad')).toEqual([]);
    expect(given.intervals('other')).toEqual([]);
    expect(given.may('other', at('2025-05-30'))).toBe('no');
    expect(given.doubts).toEqual([]);
  });

  test('a span that ends before it begins is never covered', () => {
    const given = grants([consent('2025-05-20')]);
    expect(given.may('data', { start: NOW, end: NOW - 1 })).toBe('no');
    expect(given.may('data', { start: NOW, end: NOW })).toBe('yes');
    expect(given.may('data', { start: Number.NaN, end: NOW })).toBe('no');
  });

  test('nobody consented', () => {
    expect(grants([]).may('data', at('2025-05-30'))).toBe('no');
  });
});

describe('several Consents', () => {
  const first = () => consent('2025-05-01');
  test.each([
    ['signed again', [first(), consent('2025-05-20')], ['2025-05-10', '2025-05-20', '2025-05-25'], 'yes yes yes'],
    [
      'refused later',
      [first(), consent('2025-05-20', { status: 'rejected' })],
      ['2025-05-19', '2025-05-20', '2025-05-21'],
      'yes unknown no',
    ],
    [
      'denied later',
      [first(), consent('2025-05-20', { provision: { type: 'deny' } })],
      ['2025-05-19', '2025-05-21'],
      'yes no',
    ],
    [
      'refused, then signed',
      [consent('2025-04-01', { status: 'rejected' }), first()],
      ['2025-04-15', '2025-05-10'],
      'no yes',
    ],
    [
      'withdrawn, then signed',
      [
        consent('2025-04-01', { status: 'inactive', provision: { type: 'permit', period: { end: '2025-04-10' } } }),
        first(),
      ],
      ['2025-04-05', '2025-04-20', '2025-05-10'],
      'yes no yes',
    ],
    [
      'the old one is set inactive after signing anew',
      [consent('2025-04-01', { status: 'inactive', meta: { lastUpdated: '2025-05-20T08:00:00Z' } }), first()],
      ['2025-04-05', '2025-05-10', '2025-05-25'],
      'yes yes yes',
    ],
    [
      'a newer one that is not valid',
      [first(), consent('2025-05-20', signedUnder('v9'))],
      ['2025-05-19', '2025-05-25'],
      'yes no',
    ],
    ['a newer draft', [first(), consent('2025-05-20', { status: 'draft' })], ['2025-05-25'], 'yes'],
    [
      'the newer one has run out, the older has not',
      [first(), consent('2025-05-10', { provision: { type: 'permit', period: { end: '2025-05-20' } } })],
      ['2025-05-15', '2025-05-25'],
      'yes no',
    ],
    [
      'no order between permit and deny of a day',
      [first(), consent('2025-05-01', { status: 'rejected' })],
      ['2025-04-30', '2025-05-10'],
      'no unknown',
    ],
    [
      'no order between a day and an instant of it',
      [consent('2025-05-20'), consent('2025-05-20T02:30:00Z', { status: 'rejected' })],
      ['2025-05-20T02:00:00Z', '2025-05-25'],
      'unknown unknown',
    ],
    [
      'a day and an instant of it, both permits',
      [consent('2025-05-20'), consent('2025-05-20T02:30:00Z')],
      ['2025-05-20T02:00:00Z', '2025-05-20T02:31:00Z'],
      'unknown yes',
    ],
    [
      'an instant before local midnight is before the day',
      [consent('2025-05-19T15:59:00Z', { status: 'rejected' }), consent('2025-05-20')],
      ['2025-05-21'],
      'yes',
    ],
    ['the next day', [consent('2025-05-19', { status: 'rejected' }), consent('2025-05-20')], ['2025-05-21'], 'yes'],
    [
      'refused the next day',
      [consent('2025-05-19'), consent('2025-05-20', { status: 'rejected' })],
      ['2025-05-21'],
      'no',
    ],
    [
      'settled by a third',
      [first(), consent('2025-05-01', { status: 'rejected' }), consent('2025-05-20')],
      ['2025-05-10', '2025-05-21'],
      'unknown yes',
    ],
    ['an undated refusal is older than all', [first(), consent(null, { status: 'rejected' })], ['2025-05-10'], 'yes'],
  ])('%s', (_, consents, times, expected) => {
    expect(answers(grants(consents), times)).toBe(expected);
    expect(answers(grants([...consents].reverse()), times)).toBe(expected);
  });

  test('a deny with a start of its own holds against older Consents, until it is replaced', () => {
    const stop = { type: 'deny', purpose: purpose('omics'), period: { start: '2025-05-10' } };
    const newer = consent('2025-05-20', { provision: { type: 'permit', provision: [stop] } });
    expect(answers(grants([first(), newer]), ['2025-05-09', '2025-05-15', '2025-05-25'], 'omics')).toBe('yes no no');
    expect(grants([first(), newer]).intervals('omics')).toEqual([
      { start: instant('2025-05-02'), end: instant('2025-05-10') },
    ]);
    const again = [first(), newer, consent('2025-05-27')];
    expect(answers(grants(again), ['2025-05-09', '2025-05-15', '2025-05-25', '2025-05-29'], 'omics')).toBe(
      'yes no no yes',
    );
  });

  test('a deny without one holds from its Consent on', () => {
    const newer = consent('2025-05-20', {
      provision: { type: 'permit', provision: [{ type: 'deny', purpose: purpose('omics') }] },
    });
    expect(answers(grants([first(), newer]), ['2025-05-19', '2025-05-25'], 'omics')).toBe('yes no');
  });
});
