import fc from 'fast-check';
import { made, refusedWith, run } from './load-map.ts';

const MRN = { system: 'urn:hospital:mrn', value: 'MRN-7' };
const CARD = { system: 'urn:study:card', value: 'CARD-1' };
const COPY_CARD =
  "where system = 'urn:study:card' -> tgt.identifier as t then { i.system -> t.system; i.value -> t.value; };";

describe('where', () => {
  test.each([
    ['the one that passes first', [CARD, MRN]],
    ['the one that passes last', [MRN, CARD]],
  ])('looks at each element: %s', (_, identifier) => {
    const result = made('Patient', `src.identifier as i ${COPY_CARD}`, { resourceType: 'Patient', identifier });
    expect(result).toEqual({ resourceType: 'Patient', identifier: [CARD] });
  });

  test('lets pass exactly those it holds for, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer())), (drawn) => {
        const identifier = drawn.map(([card, n]) => ({
          ...(card ? CARD : MRN),
          value: `${card ? 'CARD' : 'MRN'}-${n}`,
        }));
        const result = made('Patient', `src.identifier as i ${COPY_CARD}`, { resourceType: 'Patient', identifier });
        expect(result.identifier ?? []).toEqual(identifier.filter(({ system }) => system === CARD.system));
      }),
      { numRuns: 50 },
    );
  });

  test('sees the element by its path, by $this and by its variable', () => {
    const source = { resourceType: 'Patient', name: [{ given: ['a', 'b'] }] };
    for (const where of [
      "$this = 'b'",
      "(%g = 'b')",
      "g = 'b'",
      "%g.value = 'b'",
      "value = 'b'",
      "(g.value in ('b'))",
    ]) {
      const rules = `src.name as n -> tgt.name as t then { n.given as g where ${where} -> t.given = g; };`;
      expect(made('Patient', rules, source)).toEqual({ resourceType: 'Patient', name: [{ given: ['b'] }] });
    }
  });

  test('sees typed values below the element, and variables of rules around it', () => {
    const rules = `src.component as c where (value.ofType(Quantity).value > 1 and src.status = 'final')
      -> tgt.component as t then { c.code -> t.code; };`;
    const component = [
      { code: { text: 'a' }, valueQuantity: { value: 1 } },
      { code: { text: 'b' }, valueQuantity: { value: 2 } },
    ];
    const source = { resourceType: 'Observation', status: 'final', component };
    expect(made('Observation', rules, source)).toEqual({
      resourceType: 'Observation',
      component: [{ code: { text: 'b' } }],
    });
    expect(made('Observation', rules, { ...source, status: 'preliminary' })).toEqual({ resourceType: 'Observation' });
  });

  test('sees false as a value', () => {
    const rules = 'src.active as a where $this = false -> tgt.active = a;';
    expect(made('Patient', rules, { resourceType: 'Patient', active: false })).toEqual({
      resourceType: 'Patient',
      active: false,
    });
    expect(made('Patient', rules, { resourceType: 'Patient', active: true })).toEqual({ resourceType: 'Patient' });
  });

  test('may look at ids of the hospital, and at extensions by url', () => {
    const rules = `src where id = 'a' -> tgt.language = 'zh';
      src.extension as e where url = 'u' then { e.value : code as v -> tgt.gender = v; };
      src.name as n where extension('u').value.ofType(boolean) -> tgt.name as t then { n.family -> t.family; };`;
    const source = {
      resourceType: 'Patient',
      id: 'a',
      extension: [
        { url: 'x', valueCode: 'other' },
        { url: 'u', valueCode: 'male' },
      ],
      name: [{ family: 'A' }, { family: 'B', extension: [{ url: 'u', valueBoolean: true }] }],
    };
    expect(made('Patient', rules, source)).toEqual({
      resourceType: 'Patient',
      language: 'zh',
      gender: 'male',
      name: [{ family: 'B' }],
    });
  });

  test('an empty answer is no', () => {
    const rules = "src.identifier as i where use != 'old' -> tgt.identifier as t then { i.value -> t.value; };";
    const source = {
      resourceType: 'Patient',
      identifier: [{ value: '1' }, { value: '2', use: 'old' }, { value: '3', use: 'usual' }],
    };
    expect(made('Patient', rules, source).identifier).toEqual([{ value: '3' }]);
  });
});

describe('list modes count after where', () => {
  const given = ['a', 'b', 'c', 'd'];
  test.each([
    ['first', ['b']],
    ['last', ['d']],
    ['not_first', ['c', 'd']],
    ['not_last', ['b', 'c']],
  ])('%s', (mode, expected) => {
    const rules = `src.name as n -> tgt.name as t then { n.given ${mode} as g where $this != 'a' -> t.given = g; };`;
    expect(made('Patient', rules, { resourceType: 'Patient', name: [{ given }] }).name).toEqual([{ given: expected }]);
  });

  test('only_one', () => {
    const rules = 'src.name as n -> tgt.name as t then { n.given only_one as g -> t.given = g; };';
    expect(refusedWith('Patient', rules, { resourceType: 'Patient', name: [{ given }] })).toEqual(['only-one 5']);
    expect(made('Patient', rules, { resourceType: 'Patient', name: [{ given: ['a'] }] }).name).toEqual([
      { given: ['a'] },
    ]);
  });
});

describe('default, check, log', () => {
  test('a default stands in for what is absent, not for what where leaves out', () => {
    const rules = "src.gender default 'unknown' as g where $this != 'male' -> tgt.gender = g;";
    expect(made('Patient', rules, { resourceType: 'Patient' }).gender).toBe('unknown');
    expect(made('Patient', rules, { resourceType: 'Patient', gender: 'female' }).gender).toBe('female');
    expect(made('Patient', rules, { resourceType: 'Patient', gender: 'male' }).gender).toBeUndefined();
  });

  test('a default of a choice element takes the form of its type', () => {
    const rules = "src.value default ('n/a') as v -> tgt.value = v;";
    expect(made('Observation', rules, { resourceType: 'Observation' })).toEqual({
      resourceType: 'Observation',
      valueString: 'n/a',
    });
    expect(made('Observation', rules, { resourceType: 'Observation', valueInteger: 4 })).toEqual({
      resourceType: 'Observation',
      valueInteger: 4,
    });
  });

  test('a failed check refuses the whole resource and says where, without values', () => {
    const rules =
      "src.identifier as i where system.exists() check value.startsWith('CARD') -> tgt.language = 'zh' \"card\";";
    const result = run('Patient', rules, { resourceType: 'Patient', identifier: [CARD, MRN, { value: 'x' }] });
    expect(result).toEqual({
      ok: false,
      refusals: [
        {
          code: 'check-failed',
          file: '0.map',
          line: 5,
          path: 'start > card',
          message: 'A check of the map does not hold for the source.',
        },
      ],
    });
  });

  test('what a map logs is not looked at', () => {
    const rules =
      'src.gender as g where $this.exists() log(g.anything) -> tgt.gender = g; src.gender as g log "text" -> tgt.gender = g;';
    expect(made('Patient', rules, { resourceType: 'Patient', gender: 'male' }).gender).toBe('male');
  });
});

describe('contained resources', () => {
  const source = {
    resourceType: 'Observation',
    contained: [
      { resourceType: 'Patient', id: 'p', name: [{ text: '张三' }] },
      { resourceType: 'Specimen', id: 's', receivedTime: '2024-05', note: [{ text: '张三' }] },
    ],
  };
  const rules =
    "src.contained : Specimen as s -> tgt.contained = create('Specimen') as t then { s.receivedTime -> t.receivedTime; };";

  test('are taken by type, element by element', () => {
    const result = run('Observation', rules, source);
    expect(result).toEqual({
      ok: true,
      value: { resourceType: 'Observation', contained: [{ resourceType: 'Specimen', receivedTime: '2024-05' }] },
      unread: ['Observation.contained', 'Observation.contained.id', 'Observation.contained.note'],
      unmatched: [],
    });
  });

  test('in other places too', () => {
    const rules = 'src.entry as e then { e.resource : Patient as p -> tgt.gender = (p.gender); };';
    const entry = [
      { resource: { resourceType: 'Practitioner', gender: 'female' } },
      { resource: { resourceType: 'Patient', gender: 'male', id: 'p' } },
    ];
    expect(run('Patient', rules, { resourceType: 'Bundle', entry })).toEqual({
      ok: true,
      value: { resourceType: 'Patient', gender: 'male' },
      unread: ['Bundle.entry.resource', 'Bundle.entry.resource.id'],
      unmatched: [],
    });
  });

  test('leave nothing behind when nothing was read', () => {
    expect(
      made('Observation', rules, { resourceType: 'Observation', contained: [{ resourceType: 'Specimen', id: 's' }] }),
    ).toEqual({
      resourceType: 'Observation',
    });
  });
});

describe('a source of another shape', () => {
  test.each([
    ['an object where a primitive is', 'src.gender as g -> tgt.gender = g;', { gender: { name: '张三' } }],
    ['a number where a text is', 'src.birthDate as b -> tgt.birthDate = b;', { birthDate: 1970 }],
    ['a text where an object is', 'src.name as n -> tgt.name as t then { n.text -> t.text; };', { name: ['张三'] }],
    [
      'an array in an array',
      'src.name as n -> tgt.name as t then { n.text -> t.text; };',
      { name: [[{ text: '张三' }]] },
    ],
  ])('%s is refused', (_, rules, elements) => {
    expect(refusedWith('Patient', rules, { resourceType: 'Patient', ...elements })).toEqual(['source-shape 5']);
  });

  test('null among primitives is passed over', () => {
    const rules = 'src.name as n -> tgt.name as t then { n.given -> t.given; };';
    expect(made('Patient', rules, { resourceType: 'Patient', name: [{ given: [null, 'a'] }] }).name).toEqual([
      { given: ['a'] },
    ]);
  });
});
