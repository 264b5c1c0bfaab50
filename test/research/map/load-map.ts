import type { FhirResource } from '../../../src/fhir/resource.ts';
import { execute, type Mapped } from '../../../src/research/map/execute.ts';
import type { MapContext, MapFault, MapLanguage } from '../../../src/research/map/language.ts';
import { loadMaps, type Maps } from '../../../src/research/map/load.ts';

export const URL = 'https://study.example/map/test';

export const LANGUAGE: MapLanguage = {
  pseudonyms: {
    patient: { of: 'Patient', as: 'Patient' },
    subject: { of: 'Patient', as: 'ResearchSubject' },
    observation: { of: 'Observation', as: 'Observation' },
  },
  conceptMaps: new Set(['labs']),
  valueSets: new Set(['liver']),
};

const LABS: Record<string, string[]> = {
  'local|甲胎蛋白': ['1834-1'],
  'null|AFP': ['1834-1'],
  'local|twice': ['1', '2'],
};

export const CONTEXT: MapContext = {
  pseudonym: (kind, id) => (id === 'unknown' ? null : `${kind}-of-${id.length}`),
  translate: (system, code) =>
    (LABS[`${system}|${code}`] ?? []).map((loinc) => ({
      system: 'http://loinc.org',
      code: loinc,
      display: `LOINC ${loinc}`,
    })),
  memberOf: (valueSet, system, code) => valueSet === 'liver' && system === 'icd' && code.startsWith('C22'),
};

/** A map from one type to another; the rules begin on line 5. */
export function mapText(from: string, to: string, rules: string, url = URL): string {
  return `map "${url}" = "test"
uses "http://hl7.org/fhir/StructureDefinition/${from}" alias From as source
uses "http://hl7.org/fhir/StructureDefinition/${to}" alias To as target
group start(source src : From, target tgt : To) {
${rules}
}`;
}

export function loaded(...texts: string[]): Maps {
  const result = loadMaps(
    texts.map((text, index) => ({ file: `${index}.map`, text })),
    LANGUAGE,
  );
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.value;
}

export function faultsOf(...texts: string[]): MapFault[] {
  const result = loadMaps(
    texts.map((text, index) => ({ file: `${index}.map`, text })),
    LANGUAGE,
  );
  return result.ok ? [] : result.faults;
}

export function run(to: string, rules: string, source: FhirResource, context = CONTEXT): Mapped {
  return execute(loaded(mapText(source.resourceType, to, rules)), URL, source, context);
}

/** The resource a map with these rules makes. */
export function made(to: string, rules: string, source: FhirResource): FhirResource {
  const result = run(to, rules, source);
  if (!result.ok) throw new Error(JSON.stringify(result.refusals));
  return result.value;
}

/** The codes of the refusals. */
export function refusedWith(to: string, rules: string, source: FhirResource): string[] {
  const result = run(to, rules, source);
  return result.ok ? [] : result.refusals.map(({ code, line }) => `${code} ${line}`);
}
