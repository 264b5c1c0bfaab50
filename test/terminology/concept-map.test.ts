import { compileConceptMaps } from '../../src/terminology/concept-map.ts';
import { compileSiteTerminology } from '../../src/terminology/site.ts';
import { ICD_10, ICD_10_CN, SNOMED } from '../../src/terminology/systems.ts';
import { compiled, DX, declaringSite, diagnosisMap, faultPaths, LAB, siteContent } from './site-example.ts';

const systems = new Map([['diagnosis', DX]]);
const element = (target: unknown[]) => ({
  source: 'm.yaml',
  content: {
    resourceType: 'ConceptMap',
    group: [{ source: 'site:diagnosis', target: SNOMED, element: [{ code: 'A', target }] }],
  },
});

test('all groups of one source are applied, and a code is known only in its own system', () => {
  const { map } = declaringSite();
  expect(map.translate(DX, 'DX0101')).toEqual({
    known: true,
    targets: [
      { system: ICD_10_CN, code: 'D18.013' },
      { system: SNOMED, code: '93469006' },
    ],
  });
  expect(map.translate(LAB, 'DX0101')).toEqual({ known: false, targets: [] });
  expect(map.translate(DX, 'DX0102')).toEqual({ known: false, targets: [] });
  expect(map.translate(DX, 'DX1001')).toEqual({ known: true, targets: [] });
  expect([...map.codesOf(DX)]).toEqual(['DX0101', 'DX1001', 'DX0201', 'DX0202']);
});

test.each([
  ['equal', true],
  ['equivalent', true],
  ['wider', true],
  ['subsumes', true],
  ['narrower', false],
  ['specializes', false],
  ['inexact', false],
  ['relatedto', false],
  ['unmatched', false],
  ['disjoint', false],
])('a target that is %s counts: %s', (equivalence, counts) => {
  const map = compiled(compileConceptMaps([element([{ code: '1', equivalence }])], systems));
  expect(map.translate(DX, 'A')).toEqual({ known: true, targets: counts ? [{ system: SNOMED, code: '1' }] : [] });
});

test.each<[string, unknown[], string]>([
  ['an unquoted code', [{ code: 1, equivalence: 'equal' }], 'group[0].element[0].target[0].code'],
  ['no code', [{ equivalence: 'equal' }], 'group[0].element[0].target[0].code'],
  ['no equivalence', [{ code: '1' }], 'group[0].element[0].target[0].equivalence'],
  [
    'an R5 relationship',
    [{ code: '1', equivalence: 'source-is-narrower-than-target' }],
    'group[0].element[0].target[0].equivalence',
  ],
  ['no target', [], 'group[0].element[0].target'],
  ['a conditional target', [{ code: '1', equivalence: 'equal', dependsOn: [] }], 'group[0].element[0].target[0]'],
])('fault: %s', (_, target, path) => {
  expect(faultPaths(compileConceptMaps([element(target)], systems))).toEqual([`m.yaml ${path}`]);
});

test('faults of groups', () => {
  const group = (one: unknown) => ({ source: 'm', content: { resourceType: 'ConceptMap', group: [one] } });
  const paths = (one: unknown) => faultPaths(compileConceptMaps([group(one)], systems));
  const target = [{ code: '1', equivalence: 'equal' }];
  expect(paths({ source: 'site:pharmacy', target: SNOMED, element: [] })).toEqual(['m group[0].source']);
  expect(paths({ source: 'site:diagnosis', target: SNOMED })).toEqual(['m group[0].element']);
  expect(paths({ source: 'site:diagnosis', element: [{ code: 'A', target }] })).toEqual([
    'm group[0].element[0].target[0]',
  ]);
  expect(paths({ source: 'site:diagnosis', target: SNOMED, element: [{ code: 7, target }] })).toEqual([
    'm group[0].element[0].code',
  ]);
  expect(faultPaths(compileConceptMaps([{ source: 'm', content: { resourceType: 'ConceptMap' } }], systems))).toEqual([
    'm group',
  ]);
});

describe('site', () => {
  test('what is compiled', () => {
    const site = declaringSite();
    expect(site.id).toBe('a');
    expect([...site.systems]).toEqual([
      ['diagnosis', DX],
      ['laboratory', LAB],
    ]);
    expect(site.icdExtension).toEqual({ system: ICD_10_CN, alsoUnder: new Set([ICD_10]) });
  });

  test('faults of the site and of its maps come together', () => {
    const broken = {
      ...siteContent,
      id: 7,
      systems: { diagnosis: '' },
      icdExtension: { system: ICD_10_CN, alsoUnder: ICD_10 },
    };
    expect(
      faultPaths(compileSiteTerminology({ source: 's', content: broken }, [{ source: 'm', content: diagnosisMap }])),
    ).toEqual(['s id', 's systems.diagnosis', 's icdExtension.alsoUnder', 'm group[0].source', 'm group[1].source']);
    expect(faultPaths(compileSiteTerminology({ source: 's', content: null }, []))).toEqual(['s ']);
  });
});
