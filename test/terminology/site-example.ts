import type { Compiled } from '../../src/terminology/definition-fault.ts';
import { compileSiteTerminology, type SiteTerminology } from '../../src/terminology/site.ts';
import { ICD_10, ICD_10_CN } from '../../src/terminology/systems.ts';

/** The compiled value; a fault fails the test with its text. */
export function compiled<T>(result: Compiled<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.faults, null, 1));
  return result.value;
}

/** The faults as `source path`; a compiled value fails the test. */
export function faultPaths(result: Compiled<unknown>): string[] {
  if (result.ok) throw new Error('faults expected');
  return result.faults.map((fault) => `${fault.source} ${fault.path}`);
}

export const DX = 'https://a.example/cs/dx';
export const LAB = 'https://a.example/cs/lab';

export const siteContent = {
  id: 'a',
  name: 'not looked at',
  systems: { diagnosis: DX, laboratory: LAB },
  systemAliases: { 'urn:oid:2.16.156.10011.2.3.3.11': ICD_10_CN },
  icdExtension: { system: ICD_10_CN, alsoUnder: [ICD_10], list: 'NHSA 2.0' },
};

export const diagnosisMap = {
  resourceType: 'ConceptMap',
  id: 'diagnosis',
  group: [
    {
      source: 'site:diagnosis',
      target: ICD_10_CN,
      element: [
        { code: 'DX0101', target: [{ code: 'D18.013', equivalence: 'equivalent' }] },
        { code: 'DX1001', target: [{ equivalence: 'unmatched' }] },
      ],
    },
    {
      source: 'site:diagnosis',
      target: 'http://snomed.info/sct',
      element: [
        { code: 'DX0101', target: [{ code: '93469006', equivalence: 'equivalent' }] },
        { code: 'DX0201', target: [{ code: '197321007', equivalence: 'wider' }] },
        { code: 'DX0202', target: [{ code: '442685003', equivalence: 'narrower' }] },
      ],
    },
  ],
};

const declaring = compiled(
  compileSiteTerminology({ source: 'a.yaml', content: siteContent }, [{ source: 'map.yaml', content: diagnosisMap }]),
);
const plain = compiled(compileSiteTerminology({ source: 'b.yaml', content: { id: 'b' } }, []));

/** A site with a dictionary, an alias, and suffixes declared to be of one Chinese list. */
export function declaringSite(): SiteTerminology {
  return declaring;
}

/** A site that declares nothing. */
export function plainSite(): SiteTerminology {
  return plain;
}
