import fc from 'fast-check';
import { clusterOf, createClusters, type ReplacedBy } from '../../src/identity/merge.ts';

function links(text: string): ReplacedBy[] {
  return text.split(' ').map((pair) => {
    const [from, to] = pair.split('>');
    return { from: from!, to: to! };
  });
}

describe('clusterOf', () => {
  test.each([
    ['a>b', 'c', 'c', 'c', false],
    ['a>b', 'a', 'b', 'a b', false],
    ['a>b', 'b', 'b', 'a b', false],
    ['c>b b>a z>b', 'z', 'a', 'a b c z', false],
    ['c>b b>a z>b', 'a', 'a', 'a b c z', false],
    ['a>z b>z c>y', 'a', 'z', 'a b z', false],
    // Several targets: the smallest, and the other target stays a person of its own.
    ['a>c a>b', 'a', 'b', 'a b', false],
    ['a>c a>b', 'c', 'c', 'c', false],
    // Circles.
    ['c>b b>c', 'c', 'b', 'b c', true],
    ['x>c c>d d>b b>c a>x', 'a', 'b', 'a b c d x', true],
    ['x>c c>d d>b b>c a>x', 'd', 'b', 'a b c d x', true],
    ['a>a', 'a', 'a', 'a', true],
    ['a>a b>a', 'b', 'a', 'a b', true],
    ['b>a b>b', 'b', 'a', 'a b', false],
    ['a>b a>a', 'a', 'b', 'a b', false],
    ['a>a a>b', 'b', 'b', 'a b', false],
    // Code units, not a language's order.
    ['a>B B>a', 'a', 'B', 'B a', true],
    ['p10>p9 p9>p10', 'p9', 'p10', 'p10 p9', true],
  ])('%s: %s is %s', (given, patient, survivor, members, cyclic) => {
    expect(clusterOf(patient, links(given))).toEqual({ survivor, members: members.split(' '), cyclic });
  });

  test('a chain of 100,000 is followed once for all', () => {
    const chain = Array.from({ length: 100_000 }, (_, n) => ({ from: `p${n}`, to: `p${n + 1}` }));
    const clusters = createClusters(chain);
    for (const { from } of chain) expect(clusters.of(from).survivor === 'p100000').toBe(true);
    expect(clusters.of('p5').members).toHaveLength(100_001);
  });
});

describe('clusters of any links', () => {
  const ids = 'abcdefgh'.split('');
  const id = fc.constantFrom(...ids);
  const graph = fc.array(fc.record({ from: id, to: id }), { maxLength: 14 });

  test('every member has the same cluster, and the survivor is one of them', () => {
    fc.assert(
      fc.property(graph, id, (given, patient) => {
        const cluster = clusterOf(patient, given);
        expect(cluster.members).toContain(patient);
        expect(cluster.members).toContain(cluster.survivor);
        expect(cluster.members).toEqual([...new Set(cluster.members)].sort());
        for (const member of cluster.members) expect(clusterOf(member, given)).toEqual(cluster);
      }),
    );
  });

  test('order and repetition of the links do not matter, nor who was asked before', () => {
    const shuffled = graph.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray([...given, ...given], { minLength: given.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, fc.shuffledSubarray(ids, { minLength: ids.length }), ([given, other], asked) => {
        const clusters = createClusters(other);
        for (const patient of asked) expect(clusters.of(patient)).toEqual(clusterOf(patient, given));
      }),
    );
  });

  test('where nobody has two targets, all that are linked are one, and cyclic says that nobody is last', () => {
    const single = fc.uniqueArray(fc.record({ from: id, to: id }), { selector: (link) => link.from });
    fc.assert(
      fc.property(single, (given) => {
        for (const { from, to } of given) expect(clusterOf(from, given)).toEqual(clusterOf(to, given));
        for (const patient of ids) {
          const { members, survivor, cyclic } = clusterOf(patient, given);
          const last = members.filter((member) => !given.some((link) => link.from === member));
          expect(last).toEqual(cyclic ? [] : [survivor]);
        }
      }),
    );
  });
});
