import { dayFrom } from '../../../src/fhir/time.ts';
import { type Asked, answers, consent, grants, instant, reasons, STRICT, STUDY, signedUnder } from './people.ts';

describe('what makes a consent grant nothing', () => {
  const later = ['2025-05-30'];
  test.each([
    ['draft', consent('2025-05-01', { status: 'draft' }), {}, ''],
    ['entered in error', consent('2025-05-01', { status: 'entered-in-error' }), {}, ''],
    ['rejected', consent('2025-05-01', { status: 'rejected' }), {}, ''],
    ['other scope', consent('2025-05-01', { scope: { coding: [{ code: 'treatment' }] } }), {}, ''],
    ['root deny', consent('2025-05-01', { provision: { type: 'deny' } }), {}, ''],
    ['no type', consent('2025-05-01', { provision: {} }), {}, 'provision-type'],
    ['no provision', consent('2025-05-01', { provision: undefined }), {}, 'provision-type'],
    ['no date', consent(null), {}, 'undated'],
    ['another study’s form', consent('2025-05-01', signedUnder('v9')), {}, 'form-unknown'],
    ['form not in force', consent('2025-05-01'), { formInForce: () => false }, ''],
    ['a minor alone', consent('2025-05-01'), { signerOf: () => 'minor' }, ''],
    [
      'assumed, and the switch is off',
      consent('2025-05-01'),
      { signerOf: () => 'patient-assumed', study: { ...STUDY, parameters: {} } },
      '',
    ],
    [
      'guardian nobody knows, and the switch is off',
      consent('2025-05-01'),
      { signerOf: () => 'guardian-unverified', study: { ...STUDY, parameters: {} } },
      '',
    ],
    [
      'guardian of somebody of unknown age',
      consent('2025-05-01'),
      { signerOf: () => 'guardian', birth: null },
      'birth-unknown',
    ],
    ['another patient', consent('2025-05-01', { patient: { reference: 'Patient/p2' } }), {}, 'patient-other'],
    [
      'a modifier',
      consent('2025-05-01', { modifierExtension: [{ url: 'x', valueBoolean: true }] }),
      {},
      'modifier-unknown',
    ],
    ['limited to an actor', consent('2025-05-01', { provision: { type: 'permit', actor: [{}] } }), {}, 'limit-unknown'],
    [
      'limited to data of a period',
      consent('2025-05-01', { provision: { type: 'permit', dataPeriod: { start: '2025' } } }),
      {},
      'limit-unknown',
    ],
    [
      'limited by a label',
      consent('2025-05-01', { provision: { type: 'permit', securityLabel: [{ code: 'R' }] } }),
      {},
      'limit-unknown',
    ],
    [
      'a purpose of another system',
      consent('2025-05-01', { provision: { type: 'permit', purpose: [{ system: 'x', code: 'data' }] } }),
      {},
      'purpose-unknown',
    ],
    [
      'reversed period',
      consent('2025-05-01', { provision: { type: 'permit', period: { start: '2025-06-01', end: '2025-05-01' } } }),
      {},
      'period-reversed',
    ],
    [
      'period reversed by a second',
      consent('2025-05-01', {
        provision: { type: 'permit', period: { start: '2025-05-30T10:00:05Z', end: '2025-05-30T10:00:04Z' } },
      }),
      {},
      'period-reversed',
    ],
    [
      'unreadable period',
      consent('2025-05-01', { provision: { type: 'permit', period: { end: 'soon' } } }),
      {},
      'period-unreadable',
    ],
    [
      'an end that exists and is not said',
      consent('2025-05-01', { provision: { type: 'permit', period: { start: '2025-05-01', _end: {} } } }),
      {},
      'period-unreadable',
    ],
  ] as [string, ReturnType<typeof consent>, Asked, string][])('%s', (_, one, asked, doubts) => {
    const given = grants([one], asked);
    expect(answers(given, later)).toBe('no');
    expect(reasons(given)).toBe(doubts);
    expect(given.doubts.every((doubt) => doubt.consent === `Consent/${one.id}`)).toBe(true);
  });

  test('form in force or not: nobody can say', () => {
    const given = grants([consent('2025-05-01')], { formInForce: () => null });
    expect([answers(given, later), reasons(given)]).toEqual(['unknown', 'form-undecided']);
    expect(given.intervals('data')).toEqual([]);
  });

  test('dated in the future, even where the form covers earlier data', () => {
    const given = grants([consent('2025-06-02')], { earlierFrom: instant('2025-05-01') });
    expect(answers(given, ['2025-05-15', '2025-06-10'])).toBe('no no');
    expect(reasons(given)).toBe('future-dated');
    expect(answers(grants([consent('2025-06-01T00:05:00+08:00')]), ['2025-06-10'])).toBe('yes');
  });
});

describe('until', () => {
  test.each([
    [
      'the end of its period, the whole last day',
      { provision: { type: 'permit', period: { end: '2025-05-30' } } },
      ['2025-05-30', '2025-05-31'],
      'yes no',
    ],
    [
      'before its period begins',
      { provision: { type: 'permit', period: { start: '2025-05-10' } } },
      ['2025-05-09', '2025-05-10'],
      'no yes',
    ],
    [
      'a period of one second',
      { provision: { type: 'permit', period: { start: '2025-05-10T08:00:00Z', end: '2025-05-10T08:00:00Z' } } },
      ['2025-05-10T07:59:59Z', '2025-05-10T08:00:00Z', '2025-05-10T08:00:01Z'],
      'no yes no',
    ],
    [
      'withdrawal at an instant',
      { status: 'inactive', provision: { type: 'permit', period: { end: '2025-05-20T10:00:00+08:00' } } },
      ['2025-05-19', '2025-05-20T09:59:59+08:00', '2025-05-20T10:00:01+08:00', '2025-05-25'],
      'yes yes no no',
    ],
    [
      'withdrawal on a day',
      { status: 'inactive', provision: { type: 'permit', period: { end: '2025-05-20' } } },
      ['2025-05-19', '2025-05-20', '2025-05-21'],
      'yes unknown no',
    ],
    [
      'withdrawal known by the version’s time',
      { status: 'inactive', meta: { lastUpdated: '2025-05-20T10:00:00+08:00' } },
      ['2025-05-19', '2025-05-21'],
      'yes no',
    ],
    [
      'withdrawal before the planned end',
      {
        status: 'inactive',
        meta: { lastUpdated: '2025-05-20T10:00:00+08:00' },
        provision: { type: 'permit', period: { end: '2025-05-28' } },
      },
      ['2025-05-19', '2025-05-21'],
      'yes no',
    ],
    [
      'withdrawal whose end has not come',
      { status: 'inactive', provision: { type: 'permit', period: { end: '2026-05-01' } } },
      ['2025-05-19', '2025-05-30'],
      'no no',
    ],
    ['withdrawal at a time unknown', { status: 'inactive' }, ['2025-05-19', '2025-05-30'], 'no no'],
  ])('%s', (_, more, times, expected) => {
    expect(answers(grants([consent('2025-05-01', more)]), times)).toBe(expected);
  });

  test('a newer form that obliges everybody, from its first day at the site', () => {
    const given = grants([consent('2025-05-01')], { study: STRICT });
    expect(answers(given, ['2025-05-24', '2025-05-24T15:59:59Z', '2025-05-24T16:00:00Z', '2025-05-25'])).toBe(
      'yes yes no no',
    );
    expect(answers(grants([consent('2025-05-25', signedUnder('v4'))], { study: STRICT }), ['2025-05-26'])).toBe('yes');
    const elsewhere = {
      ...STRICT,
      forms: STRICT.forms.map((form) => ({ ...form, inForceFrom: { ...form.inForceFrom, nf: Infinity } })),
    };
    expect(answers(grants([consent('2025-05-01')], { study: elsewhere }), ['2025-05-30'])).toBe('yes');
  });

  test('the withdrawal of nobody knows when is reported', () => {
    expect(reasons(grants([consent('2025-05-01', { status: 'inactive' })]))).toBe('withdrawal-undated');
  });
});

describe('a guardian’s consent', () => {
  const born = (first: string, last = first) => ({
    signerOf: () => 'guardian',
    birth: { first: dayFrom(first)!, last: dayFrom(last)! },
  });

  test('ends at 00:00 of the 18th birthday, at the site', () => {
    const given = grants([consent('2025-05-01')], born('2007-05-20'));
    expect(answers(given, ['2025-05-19T23:59:59+08:00', '2025-05-20T00:00:00+08:00', '2025-05-19T16:00:00Z'])).toBe(
      'yes no no',
    );
    expect(answers(given, ['2025-05-19', '2025-05-20'], 'blood')).toBe('yes no');
  });

  test.each([
    ['born on 29 February, adult on 1 March', born('2008-02-29'), '2026-02-01', ['2026-02-28', '2026-03-01'], 'yes no'],
    [
      'born in a month',
      born('2007-05-01', '2007-05-31'),
      '2025-04-01',
      ['2025-04-30', '2025-05-15', '2025-05-31'],
      'yes unknown no',
    ],
    [
      'unverified counts by the switch',
      { ...born('2007-05-20'), signerOf: () => 'guardian-unverified' },
      '2025-05-01',
      ['2025-05-19', '2025-05-20'],
      'yes no',
    ],
    [
      'the patient’s own does not end',
      { ...born('2007-05-20'), signerOf: () => 'patient' },
      '2025-05-20',
      ['2025-05-21'],
      'yes',
    ],
  ])('%s', (_, asked, signed, times, expected) => {
    expect(answers(grants([consent(signed)], { ...asked, now: instant('2026-06-01') }), times)).toBe(expected);
  });

  test('goes on when the patient signs', () => {
    const young = consent('2025-05-01');
    const own = consent('2025-05-25T09:00:00+08:00');
    const given = grants([young, own], {
      ...born('2007-05-20'),
      signerOf: (one) => (one === young ? 'guardian' : 'patient'),
    });
    expect(answers(given, ['2025-05-19', '2025-05-22', '2025-05-26'])).toBe('yes no yes');
  });
});
