import { type Change, changeOf } from '../../src/record/change.ts';
import { needOf } from '../../src/record/need.ts';
import { OnceRead } from '../../src/record/once.ts';
import { condition, context, type Rooms, rooms } from './context.ts';

let all: Rooms;
beforeAll(async () => {
  all = await rooms();
});

/** Another study's: its aliases are made with other keys. */
const others = { ...context, identifierAlias: (system: string, value: string) => `other(${system}|${value})` };

const bodies = (more: object) => {
  const resource = condition(more);
  const once = new OnceRead(resource, all.site, true);
  return [context, others].map((each) => (changeOf(resource, all.site, each, all.rules, once) as Change).body()) as [
    object,
    object,
  ];
};

test('several studies have one body of a resource that names nobody by an alias', () => {
  const [ours, theirs] = bodies({ encounter: { reference: 'Encounter/e' } });
  expect(ours).toMatchObject({ id: 'c', encounter: { reference: 'Encounter/e' } });
  expect(theirs).toBe(ours);
});

test('aliases are each study’s own', () => {
  const [ours, theirs] = bodies({ encounter: { identifier: { system: 'stay', value: '7' } } });
  expect(ours).toMatchObject({ encounter: { reference: '?id(stay|7)' } });
  expect(theirs).toMatchObject({ encounter: { reference: '?other(stay|7)' } });
});

test('a modifier is refused for each study, and the rank is the same', () => {
  const odd = condition({ modifierExtension: [{ url: 'x' }] });
  const once = new OnceRead(odd, all.site);
  for (const each of [context, others])
    expect(changeOf(odd, all.site, each, all.rules, once)).toMatchObject({ reason: 'modifier-unknown' });
  const plain = condition();
  const read = new OnceRead(plain, all.site);
  const [one, two] = [context, others].map((each) => changeOf(plain, all.site, each, all.rules, read) as Change);
  expect(one!.rank.number).toBe(3);
  expect(two!.rank).toBe(one!.rank);
});

test('studies that share text rules need what each itself uses of them', () => {
  const resource = condition({ code: { text: '脂肪肝' }, recordedDate: '2015-05-01' });
  const uses = (...concepts: string[]) => ({
    ...all.rules,
    study: { ...all.rules.study, usedConcepts: new Set(concepts) },
  });
  const reasons = [uses('fatty-liver'), uses('cirrhosis'), uses('fatty-liver')].map(
    (rules) => needOf(resource, all.site, rules).reason,
  );
  expect(reasons).toEqual([null, 'no-code-of-the-study', null]);
});
