import { answers, consent, grants, instant, purpose, signedUnder } from './people.ts';

describe('data from before the signature', () => {
  const earlierFrom = instant('2025-05-10');
  const times = ['2025-05-09', '2025-05-10', '2025-05-15', '2025-05-20', '2025-05-25'];

  test.each([
    ['from the index admission on', [consent('2025-05-20')], 'no yes yes yes yes'],
    ['a form that does not cover it', [consent('2025-05-20', signedUnder('v2'))], 'no no no unknown yes'],
    [
      'period from the signature on',
      [consent('2025-05-20', { provision: { type: 'permit', period: { start: '2025-05-20' } } })],
      'no yes yes yes yes',
    ],
    [
      'period from after the signature on',
      [consent('2025-05-20', { provision: { type: 'permit', period: { start: '2025-05-25' } } })],
      'no no no no yes',
    ],
    [
      'not for data',
      [consent('2025-05-20', { provision: { type: 'permit', purpose: purpose('blood') } })],
      'no no no no no',
    ],
    [
      'data denied',
      [
        consent('2025-05-20', {
          provision: { type: 'permit', provision: [{ type: 'deny', purpose: purpose('data') }] },
        }),
      ],
      'no no no no no',
    ],
    [
      'not while refused',
      [consent('2025-05-12', { status: 'rejected' }), consent('2025-05-20')],
      'no yes no unknown yes',
    ],
    [
      'not while nobody knows since when refused',
      [consent(null, { status: 'rejected' }), consent('2025-05-20')],
      'no no no unknown yes',
    ],
    [
      'not while withdrawn',
      [
        consent('2025-05-01', { status: 'inactive', provision: { type: 'permit', period: { end: '2025-05-12' } } }),
        consent('2025-05-20'),
      ],
      'yes yes no unknown yes',
    ],
    [
      'over a form signed too late',
      [consent('2025-05-12', signedUnder('v9')), consent('2025-05-20')],
      'no yes yes yes yes',
    ],
    ['withdrawn at a time unknown', [consent('2025-05-20', { status: 'inactive' })], 'no no no no no'],
    [
      'withdrawn',
      [consent('2025-05-20', { status: 'inactive', provision: { type: 'permit', period: { end: '2025-05-23' } } })],
      'no yes yes yes no',
    ],
  ])('%s', (_, consents, expected) => {
    expect(answers(grants(consents, { earlierFrom }), times)).toBe(expected);
  });

  test('never blood, tissue or omics, and nothing without an index admission', () => {
    const given = grants([consent('2025-05-20')], { earlierFrom });
    for (const other of ['blood', 'tissue', 'omics']) expect(answers(given, times, other)).toBe('no no no unknown yes');
    expect(answers(grants([consent('2025-05-20')]), times)).toBe('no no no unknown yes');
  });
});
