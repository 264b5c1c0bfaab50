import { join } from 'node:path';
import { type CompiledExpression, compileExpression } from '../../../src/fhir/fhirpath/compile.ts';
import type { FhirResource } from '../../../src/fhir/resource.ts';
import { dayText } from '../../../src/fhir/time.ts';
import { functionBodies } from '../../../src/screening/functions/bodies.ts';
import { type Note, Session, type SessionHolder } from '../../../src/screening/session.ts';
import { Sets } from '../../../src/screening/sets.ts';
import { LANGUAGE } from '../../../src/study/language.ts';
import { loadStudy } from '../../../src/study/load.ts';
import type { ParameterValue, Study } from '../../../src/study/model.ts';
import { loadSites, type Site } from '../../../src/study/site.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');

/** A person under the study of this repository, with the clock and the parameters a test asks for. */
export interface Person {
  resources?: object[];
  /** The clock; 2025-06-01 noon in China unless said. */
  now?: string;
  parameters?: Record<string, ParameterValue>;
  forms?: Study['forms'];
  site?: Partial<Site>;
}

export interface Evaluated {
  /** Ids of the resources an expression selects; other values as they are. */
  items: unknown[];
  notes: Note['why'][];
  /** The first day after the clock's on which an answer may turn. */
  turnsOn: string | null;
}

/** Evaluates an expression of the language for a person. Every request is open, every procedure qualifies. */
export type Evaluate = (expression: string, person?: Person) => Evaluated;

export async function openEvaluation(): Promise<Evaluate> {
  const holder: SessionHolder = { current: null };
  const bodies = functionBodies(holder);
  const [loaded, sites] = await Promise.all([
    loadStudy(join(REPOSITORY, 'studies/nct07265544'), bodies),
    loadSites(join(REPOSITORY, 'sites')),
  ]);
  if (!loaded.ok || !sites.ok) throw new Error('the study or the sites have faults');
  const { study, valueSets, textRules } = loaded.value;
  const names = { valueSets, concepts: new Set(textRules.concepts()) };
  const known = new Map<string, CompiledExpression>();
  const compile = (text: string) => {
    const before = known.get(text);
    if (before) return before;
    const compiled = compileExpression(text, LANGUAGE, names, bodies);
    if ('faults' in compiled) throw new Error(`${text}: ${compiled.faults[0]!.message}`);
    known.set(text, compiled);
    return compiled;
  };
  const anchors = [
    { name: 'openRequests', expression: compile('%requests') },
    { name: 'qualifyingProcedures', expression: compile('%procedures') },
  ];
  return (text, { resources = [], now = '2025-06-01T12:00:00+08:00', parameters, forms, site } = {}) => {
    const adapted = {
      ...study,
      sets: anchors,
      parameters: { ...study.parameters, ...parameters },
      forms: forms ?? study.forms,
    };
    const record = {
      site: 'nf',
      patient: 'p',
      selves: new Set(['Patient/p', 'Patient/p-old']),
      resources: resources as FhirResource[],
      mergeCycle: false,
    };
    const at = { ...sites.value.get('nf')!, ...site };
    const session = new Session({ study: adapted, valueSets, textRules }, at, record, Date.parse(now));
    const { items, notes } = new Sets(session, holder).select(compile(text));
    return {
      items: items.map((item) => (item as { id?: string }).id ?? item),
      notes: notes.map((note) => note.why),
      turnsOn: session.turnsOn === null ? null : dayText(session.turnsOn),
    };
  };
}

const MEASURE = 'https://ncct.example.cn/cs/measure';
/** Codes of the tests the tables speak of. */
export const CODES = {
  platelets: { system: 'http://loinc.org', code: '777-3' },
  hbsag: { system: 'http://loinc.org', code: '5196-1' },
  hbvDna: { system: 'http://loinc.org', code: '29615-2' },
  hivScreening: { system: 'http://loinc.org', code: '56888-1' },
  scheuer: { system: MEASURE, code: 'fibrosis-stage-scheuer' },
  metavir: { system: MEASURE, code: 'fibrosis-stage-metavir' },
  ishak: { system: MEASURE, code: 'fibrosis-stage-ishak' },
  steatosis: { system: MEASURE, code: 'steatosis-percent' },
  iqrMedian: { system: MEASURE, code: 'elastography-iqr-median' },
} as const;

/** A final Observation with the id `o`, and with some result, unless said otherwise. */
export function observation(more: object = {}, code: { system: string; code: string } = CODES.platelets): object {
  const hasResult = Object.keys(more).some((name) => name.startsWith('value') || name === 'interpretation');
  const result = hasResult ? {} : { valueString: '见报告' };
  return { resourceType: 'Observation', id: 'o', status: 'final', code: { coding: [code] }, ...result, ...more };
}
