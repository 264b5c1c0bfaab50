import { ATC, ICD_9_CM, ICD_10, ICD_10_CN, SNOMED } from '../../src/terminology/systems.ts';
import { compileValueSets } from '../../src/terminology/value-set.ts';
import { compiled, faultPaths } from './site-example.ts';

type Part = Record<string, unknown>;
const set = (id: string, include: Part[], exclude?: Part[]) => ({
  source: `${id}.yaml`,
  content: {
    resourceType: 'ValueSet',
    id,
    url: `https://a.example/ValueSet/${id}`,
    compose: { include, ...(exclude && { exclude }) },
  },
});
const isA = (system: string, ...values: string[]): Part => ({
  system,
  filter: values.map((value) => ({ property: 'concept', op: 'is-a', value })),
});
const list = (system: string, ...codes: string[]): Part => ({ system, concept: codes.map((code) => ({ code })) });
const imports = (id: string): Part => ({ valueSet: [`https://a.example/ValueSet/${id}`] });

describe('membership', () => {
  const sets = compiled(
    compileValueSets([
      set('fatty', [isA(ICD_10, 'K760'), isA(ICD_10_CN, 'K76.0'), list(SNOMED, '197321007')]),
      set('who-only', [isA(ICD_10, 'K76.0')]),
      set('donor', [list(ICD_9_CM, '50.2200x010')]),
      set('resection', [isA(ICD_9_CM, '50.22'), isA(ICD_9_CM, '50.3')], [imports('donor')]),
      set('any', [imports('fatty'), imports('resection')]),
      set('both', [{ ...isA(ICD_10_CN, 'K76'), ...imports('fatty') }]),
      set('drugs', [isA(ATC, 'L04A')]),
      set('root', [list(ICD_10, 'D18.0')]),
    ]),
  );
  const of = (system: string, code: string) => [...sets.memberOf(system, code)];

  test.each([
    [ICD_10_CN, 'K76.0x001', ['fatty', 'any', 'both']],
    [ICD_10_CN, 'K76.000', ['fatty', 'any', 'both']],
    [ICD_10_CN, 'K76.807', []],
    [ICD_10, 'K76.0', ['fatty', 'who-only', 'any']],
    [ICD_10, 'K76', []],
    [ICD_10, 'D18.0', ['root']],
    [ICD_10, 'D18.013', []],
    [SNOMED, '197321007', ['fatty', 'any']],
    [SNOMED, '1973210071', []],
    [ICD_9_CM, '50.22', ['resection', 'any']],
    [ICD_9_CM, '50.2200x003', ['resection', 'any']],
    [ICD_9_CM, '50.2200x010', ['donor']],
    [ICD_9_CM, '50.3x01', ['resection', 'any']],
    [ICD_9_CM, '50.29', []],
    [ATC, 'L04AD01', ['drugs']],
    [ATC, 'L04', []],
    ['https://a.example/cs/dx', 'K76.0', []],
  ])('%s %s is in %j', (system, code, expected) => {
    expect(of(system, code)).toEqual(expected);
    expect(of(system, code)).toEqual(expected);
  });

  test('a field with more than one code in it is below nothing', () => {
    expect(of(ICD_10_CN, 'K76.0,B18.1')).toEqual([]);
    expect(of(ICD_10, 'K76.0 fatty')).toEqual([]);
  });

  test('ids, systems and the codes a scan has to look for', () => {
    expect(sets.ids()).toEqual(['fatty', 'who-only', 'donor', 'resection', 'any', 'both', 'drugs', 'root']);
    expect(sets.has('donor')).toBe(true);
    expect(sets.has('constructor')).toBe(false);
    expect([...sets.systems()].sort()).toEqual([SNOMED, ICD_10, ICD_10_CN, ICD_9_CM, ATC].sort());
    expect(sets.codes('any')).toEqual([
      { system: ICD_10, code: 'K76.0', below: true },
      { system: ICD_10_CN, code: 'K76.0', below: true },
      { system: SNOMED, code: '197321007', below: false },
      { system: ICD_9_CM, code: '50.22', below: true },
      { system: ICD_9_CM, code: '50.3', below: true },
    ]);
    expect(sets.codes('unheard-of')).toEqual([]);
  });
});

describe('faults', () => {
  const faulty = (include: Part[], exclude?: Part[]) => faultPaths(compileValueSets([set('x', include, exclude)]));
  const good = list(SNOMED, '1');

  test.each<[string, Part, string]>([
    ['is-a in a system without prefixes', isA(SNOMED, '93469006'), 'compose.include[0].filter[0]'],
    ['is-a on what is no code', isA(ICD_10, 'K7'), 'compose.include[0].filter[0].value'],
    [
      'another filter',
      { system: ICD_10, filter: [{ property: 'concept', op: 'regex', value: 'K.*' }] },
      'compose.include[0].filter[0]',
    ],
    ['an unquoted code', { system: SNOMED, concept: [{ code: 197321007 }] }, 'compose.include[0].concept[0].code'],
    [
      'an unquoted filter value',
      { system: ICD_9_CM, filter: [{ property: 'concept', op: 'is-a', value: 50.2 }] },
      'compose.include[0].filter[0].value',
    ],
    ['no system', { concept: [{ code: '1' }] }, 'compose.include[0].system'],
    ['a whole system', { system: SNOMED }, 'compose.include[0]'],
    ['nothing', {}, 'compose.include[0]'],
    ['an empty list', { system: SNOMED, concept: [] }, 'compose.include[0].concept'],
    ['a misspelt element', { ...good, concepts: [] }, 'compose.include[0].concepts'],
    ['concepts beside a filter', { ...good, ...isA(ICD_10, 'K76'), concept: [{ code: 'K77' }] }, 'compose.include[0]'],
    ['an unknown import', imports('unheard-of'), 'compose.include[0].valueSet[0]'],
    ['an import of itself', imports('x'), 'compose.include[0].valueSet[0]'],
    [
      'two imports in one part',
      { valueSet: ['https://a.example/1', 'https://a.example/2'] },
      'compose.include[0].valueSet',
    ],
  ])('%s', (_, part, path) => {
    expect(faulty([part])).toEqual([`x.yaml ${path}`]);
  });

  test('an unquoted code is named as such', () => {
    const result = compileValueSets([set('x', [{ system: SNOMED, concept: [{ code: 1 }] }])]);
    expect(result).toEqual({
      ok: false,
      faults: [
        {
          source: 'x.yaml',
          path: 'compose.include[0].concept[0].code',
          message: 'Put quotes around this value: it must be a string.',
        },
      ],
    });
  });

  test('empty compose, wrong type, wrong exclude', () => {
    expect(faulty([])).toEqual(['x.yaml compose.include']);
    expect(faultPaths(compileValueSets([{ source: 'x', content: { resourceType: 'ValueSet', id: 'x' } }]))).toEqual([
      'x compose',
      'x compose.include',
    ]);
    expect(faultPaths(compileValueSets([{ source: 'x', content: 'text' }]))).toEqual(['x ']);
    expect(faulty([good], [isA(SNOMED, '1')])).toEqual(['x.yaml compose.exclude[0].filter[0]']);
  });

  test('the same id twice', () => {
    const twice = [set('x', [good]), { ...set('x', [good]), source: 'copy.yaml' }];
    expect(faultPaths(compileValueSets(twice))).toEqual(['copy.yaml id']);
  });

  test('a circle of imports is reported at each set that stands in it, and only there', () => {
    const sets = [
      set('a', [imports('b')]),
      set('b', [good], [imports('c')]),
      set('c', [imports('a')]),
      set('d', [imports('a')]),
    ];
    expect(faultPaths(compileValueSets(sets))).toEqual([
      'a.yaml compose.include[0].valueSet[0]',
      'b.yaml compose.exclude[0].valueSet[0]',
      'c.yaml compose.include[0].valueSet[0]',
    ]);
  });
});
