import { answers, at, consent, grants, purpose, reasons, SYSTEM } from './people.ts';

describe('purposes', () => {
  const nested = (...provision: object[]) => consent('2025-05-01', { provision: { type: 'permit', provision } });
  const permit = (more: object) => ({ type: 'permit', ...more });
  const deny = (more: object) => ({ type: 'deny', ...more });
  const five = (given: ReturnType<typeof grants>, time = '2025-05-30') =>
    ['data', 'blood', 'tissue', 'omics', 'abroad'].map((of) => given.may(of, at(time))[0]).join('');

  test.each([
    ['the form’s by default', consent('2025-05-01'), 'yyyyn', ''],
    ['abroad added', nested(permit({ purpose: purpose('abroad') })), 'yyyyy', ''],
    ['abroad added by code', nested(permit({ code: [{ coding: purpose('abroad') }] })), 'yyyyy', ''],
    ['abroad added by class', nested(permit({ class: purpose('abroad') })), 'yyyyy', ''],
    [
      'elements beside each other must agree',
      nested(permit({ purpose: purpose('abroad'), class: purpose('data') })),
      'yyyyn',
      '',
    ],
    [
      'a concept with a translation',
      nested(permit({ code: [{ coding: [{ system: 'x', code: 'y' }, ...purpose('abroad')] }] })),
      'yyyyy',
      '',
    ],
    [
      'a concept of two meanings',
      nested(permit({ code: [{ coding: purpose('abroad', 'data') }] })),
      'yyyyn',
      'purpose-unknown',
    ],
    [
      'added and taken back',
      nested(permit({ purpose: purpose('abroad') }), deny({ purpose: purpose('abroad') })),
      'yyyyn',
      '',
    ],
    ['stop omics, keep the rest', nested(deny({ purpose: purpose('omics') })), 'yyynn', ''],
    [
      'deny by several elements denies all they name',
      nested(deny({ purpose: purpose('omics'), class: purpose('blood') })),
      'ynynn',
      '',
    ],
    ['deny of nothing named denies all', nested(deny({})), 'nnnnn', ''],
    [
      'deny of an unknown purpose denies all',
      nested(deny({ purpose: [{ system: SYSTEM, code: 'abrood' }] })),
      'nnnnn',
      'purpose-unknown',
    ],
    [
      'deny with a limit not understood holds without it',
      nested(deny({ purpose: purpose('data'), actor: [{}] })),
      'nyyyn',
      'limit-unknown',
    ],
    [
      'permit of an unknown purpose adds nothing',
      nested(permit({ purpose: [{ system: SYSTEM, code: 'abrood' }] })),
      'yyyyn',
      'purpose-unknown',
    ],
    [
      'permit of a known and an unknown purpose',
      nested(permit({ purpose: [...purpose('abroad'), { code: 'x' }] })),
      'yyyyy',
      'purpose-unknown',
    ],
    ['permit of nothing named', nested(permit({})), 'yyyyn', 'purpose-missing'],
    [
      'permit with a limit not understood',
      nested(permit({ purpose: purpose('abroad'), action: [{}] })),
      'yyyyn',
      'limit-unknown',
    ],
    ['nested without a type denies', nested({ purpose: purpose('data') }), 'nyyyn', 'provision-type'],
    [
      'permit within a deny',
      nested(deny({ purpose: purpose('abroad'), provision: [permit({ purpose: purpose('abroad') })] })),
      'yyyyn',
      'nested-too-deep',
    ],
    [
      'deny within a permit',
      nested(permit({ purpose: purpose('abroad'), provision: [deny({ purpose: purpose('blood') })] })),
      'ynyyy',
      '',
    ],
    [
      'only data at the root',
      consent('2025-05-01', { provision: { type: 'permit', purpose: purpose('data') } }),
      'ynnnn',
      '',
    ],
    [
      'more than the form at the root',
      consent('2025-05-01', { provision: { type: 'permit', purpose: purpose('data', 'abroad') } }),
      'ynnnn',
      'purpose-beyond-form',
    ],
    [
      'a permit nested in a deny at the root',
      consent('2025-05-01', { provision: { type: 'deny', provision: [permit({ purpose: purpose('data') })] } }),
      'nnnnn',
      '',
    ],
  ])('%s', (_, one, expected, doubts) => {
    const given = grants([one]);
    expect(five(given)).toBe(expected);
    expect(reasons(given)).toBe(doubts);
  });

  test('abroad until it is stopped, data goes on', () => {
    const given = grants([
      nested(
        permit({ purpose: purpose('abroad') }),
        deny({ purpose: purpose('abroad'), period: { start: '2025-05-20T09:00:00+08:00' } }),
      ),
    ]);
    const times = ['2025-05-19', '2025-05-20T08:59:59+08:00', '2025-05-20T09:00:00+08:00', '2025-05-30'];
    expect(answers(given, times, 'abroad')).toBe('yes yes no no');
    expect(answers(given, times)).toBe('yes yes yes yes');
  });

  test('a nested permit holds in its period, within that of its Consent', () => {
    const given = grants([
      consent('2025-05-10', {
        provision: {
          type: 'permit',
          period: { end: '2025-05-20' },
          provision: [permit({ purpose: purpose('abroad'), period: { start: '2025-05-01', end: '2025-05-25' } })],
        },
      }),
    ]);
    expect(answers(given, ['2025-05-09', '2025-05-15', '2025-05-21'], 'abroad')).toBe('no yes no');
  });

  test.each([
    ['reversed', { start: '2025-05-20', end: '2025-05-10' }, 'period-reversed'],
    ['unreadable', { start: 'then' }, 'period-unreadable'],
    ['without ends', {}, 'period-unreadable'],
  ])('a %s period: a permit is void, a deny total', (_, period, reason) => {
    const given = grants([nested(permit({ purpose: purpose('abroad'), period }))]);
    expect([five(given), reasons(given)]).toEqual(['yyyyn', reason]);
    expect(five(grants([nested(deny({ purpose: purpose('data'), period }))]))).toBe('nyyyn');
  });
});
