import { conformance } from '../research/derive/deriver.ts';
import { MORE_PEOPLE } from './people.ts';

test('the invented people are such as may leave a hospital', () => {
  expect(
    MORE_PEOPLE.flatMap((one) =>
      conformance.check(one).map(({ code, expression }) => `${one.resourceType}/${one.id} ${code} ${expression}`),
    ),
  ).toEqual([]);
});
