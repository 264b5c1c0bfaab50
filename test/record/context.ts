import type { FhirResource } from '../../src/fhir/resource.ts';
import type { NeedRules } from '../../src/record/need.ts';
import type { ReferenceContext } from '../../src/record/references.ts';
import type { Site } from '../../src/study/site.ts';
import { openTestGateway } from '../pipeline/gateway.ts';

export const BASE = 'https://ya.example.cn/fhir';

/** A context in which an alias can be read by eye. */
export const context: ReferenceContext = {
  fhirBase: BASE,
  fullUrls: new Map([['urn:uuid:aa', 'Patient/in-bundle']]),
  fullUrl: null,
  identifierAlias: (system, value) => `id(${system}|${value})`,
  urnAlias: (urn) => `urn(${urn})`,
  identifierSystems: ['mrn', 'national'],
};

export interface Rooms {
  site: Site;
  sites: ReadonlyMap<string, Site>;
  rules: NeedRules;
}

/** The study and the sites of the project. */
export async function rooms(): Promise<Rooms> {
  const gateway = await openTestGateway();
  await gateway.store.close();
  const { study, valueSets, textRules } = gateway.loaded;
  return { site: gateway.sites.get('ya')!, sites: gateway.sites, rules: { study, valueSets, textRules } };
}

/** A Condition with a code of the study, about Patient/p. */
export const condition = (more: object = {}): FhirResource => ({
  resourceType: 'Condition',
  id: 'c',
  meta: { versionId: '3', lastUpdated: '2025-05-01T08:00:00+08:00' },
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'B18.1' }] },
  subject: { reference: 'Patient/p' },
  ...more,
});
