import { readLastUpdated, within } from '../../../src/http/read/last-updated.ts';

const read = (text: string) => readLastUpdated(text, 'Asia/Shanghai');

test.each([
  ['2025-06-01', '2025-05-31T16:00:00.000Z', '2025-06-01T16:00:00.000Z'],
  ['eq2025-06-01T08:00:00Z', '2025-06-01T08:00:00.000Z', '2025-06-01T08:00:01.000Z'],
  ['gt2025-06-01', '2025-06-01T16:00:00.000Z', null],
  ['ge2025', '2024-12-31T16:00:00.000Z', null],
  ['lt2025-06', null, '2025-05-31T16:00:00.000Z'],
  ['le2025-06', null, '2025-06-30T16:00:00.000Z'],
  ['ge2025-06-01T08:00:00.123+08:00', '2025-06-01T00:00:00.123Z', null],
  // A plus sign that was not encoded.
  ['ge2025-06-01T08:00:00 08:00', '2025-06-01T00:00:00.000Z', null],
  ['gt9999', '9999-12-31T16:00:00.000Z', null],
])('%s is from %s until %s', (text, from, until) => {
  expect(read(text)).toEqual({ from, until });
});

test.each(['', 'x', 'ne2025', 'sa2025', 'ap2025', '2025-6-1', '2025-02-30', '25', 'gt', '2025,2026'])(
  'cannot be read: "%s"',
  (text) => {
    expect(read(text)).toBeNull();
  },
);

test('several bounds leave what lies in all of them', () => {
  const all = { from: null, until: null };
  const [a, b] = [
    { from: 'b', until: 'x' },
    { from: 'a', until: 'c' },
  ];
  expect(within(all, a)).toEqual(a);
  expect(within(a, all)).toEqual(a);
  expect(within(a, b)).toEqual({ from: 'b', until: 'c' });
  expect(within(b, a)).toEqual({ from: 'b', until: 'c' });
});
