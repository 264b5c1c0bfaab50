import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { FunctionBody } from '../fhir/fhirpath/compile.ts';
import type { r4 } from '../fhir/resource.ts';
import { createShapeCheck } from '../fhir/shape/check.ts';
import { dayFrom } from '../fhir/time.ts';
import { keep, recall } from '../kept/kept.ts';
import type { TextRules } from '../terminology/text.ts';
import type { ValueSets } from '../terminology/value-set.ts';
import { type CollectionRules, loadCollection } from './collection.ts';
import { readCriteria, readSets } from './criteria.ts';
import { Desk } from './desk.ts';
import { extensionsNamed } from './extension.ts';
import type { StudyFault } from './fault.ts';
import { readFlags, readGroups } from './groups.ts';
import { LANGUAGE } from './language.ts';
import type { Checked, Study } from './model.ts';
import { readConsentForms, readMeasurement, readParameters } from './parameters.ts';
import { pathSteps } from './path.ts';
import { loadSafety, type SafetyRules } from './safety.ts';
import { OWN, type Terminology } from './shared-terminology.ts';
import { located, readSources, type SourceFile } from './source.ts';

/** A study with the terminology it is written in. */
export interface StudyCore {
  study: Study;
  valueSets: ValueSets;
  textRules: TextRules;
}

/** A study, whole: also how it collects specimens and reads adverse events; null where it does neither. */
export interface LoadedStudy extends StudyCore {
  collection: CollectionRules | null;
  safety: SafetyRules | null;
}

/** Files of our own form inside a study's folder; everything else must be an R4 resource. */
const TEXT_RULES = 'text-rules.yaml';
/** ViewDefinitions are no R4, and how tables look changes nothing of a study. */
const OF_TABLES = /^mappings\/(views|tables)\//;
const COMPILED = new Set(['ResearchStudy', 'EvidenceVariable', 'PlanDefinition', 'Parameters']);

/**
 * Loads and compiles a study's folder; every mistake comes back with file, line and path, all at once.
 * @param bodies how the functions of the language are carried out; none are needed to check a study
 * @param shared the terminology of studies loaded before it
 */
export async function loadStudy(
  root: string,
  bodies: Readonly<Record<string, FunctionBody>> = {},
  shared: Terminology = OWN,
): Promise<Checked<LoadedStudy>> {
  const folder = await stat(root).catch(() => null);
  if (!folder?.isDirectory()) {
    return { ok: false, faults: [{ file: root, line: null, path: '', message: 'there is no such folder' }] };
  }
  const read = await readSources(root);
  const files = read.files.filter(({ file }) => !OF_TABLES.test(file));
  const faults = read.faults.filter(({ file }) => !OF_TABLES.test(file));
  faults.push(...shapeFaults(files));
  const sets = shared.valueSets(ofType(files, 'ValueSet').map((file) => ({ source: file.file, content: file.value })));
  const rulesFile = files.find((file) => file.file === TEXT_RULES);
  if (!rulesFile) {
    faults.push({
      file: TEXT_RULES,
      line: null,
      path: '',
      message: 'the text rules are missing: every study has them',
    });
    return { ok: false, faults };
  }
  const rules = shared.textRules({ source: TEXT_RULES, content: rulesFile.value }, sets.ok ? sets.value : null);
  for (const compiled of [sets, rules]) {
    if (!compiled.ok) faults.push(...compiled.faults.map((fault) => located(fault, files)));
  }
  // Without terminology no expression can be checked; a file of the wrong shape cannot be compiled.
  if (!sets.ok || !rules.ok || files.some((file) => file.value === null)) return { ok: false, faults };
  if (faults.some(({ file }) => isCompiled(files, file))) return { ok: false, faults };
  const concepts = new Set(rules.value.concepts());
  const desk = new Desk(LANGUAGE, { valueSets: sets.value, concepts }, bodies);
  const study = compile(files, desk);
  faults.push(...desk.faults);
  if (faults.length > 0 || !study) return { ok: false, faults };
  const version = `${study.id}@${contentVersion(files)}`;
  const used = { usedValueSets: desk.usedValueSets, usedConcepts: desk.usedConcepts };
  const core = { study: { ...study, ...used, version }, valueSets: sets.value, textRules: rules.value };
  const collection = await loadCollection(root, core);
  const safety = await loadSafety(root, core);
  for (const one of [collection, safety]) if (!one.ok) faults.push(...one.faults);
  if (!collection.ok || !safety.ok) return { ok: false, faults };
  return { ok: true, value: { ...core, collection: collection.value, safety: safety.value } };

  function ofType(all: readonly SourceFile[], type: string): SourceFile[] {
    return all.filter((file) => (file.value as { resourceType?: string } | null)?.resourceType === type);
  }

  function only<T>(type: string, id: (own: string) => string, own: string): { source: SourceFile; resource: T } | null {
    const source = ofType(files, type).find((file) => (file.value as { id?: string }).id === id(own));
    if (source) return { source, resource: source.value as T };
    desk.faults.push({
      file: `${type}.yaml`,
      line: null,
      path: '',
      message: `the ${type} "${id(own)}" is missing`,
    });
    return null;
  }

  function compile(all: readonly SourceFile[], at: Desk): Study | null {
    const source = ofType(all, 'ResearchStudy')[0];
    if (!source) {
      at.faults.push({
        file: 'study.yaml',
        line: null,
        path: '',
        message: 'the ResearchStudy is missing: every study has one',
      });
      return null;
    }
    const resource = source.value as r4.ResearchStudy;
    const own = resource.id ?? '';
    const base = extensionsNamed(resource, [], 'consent-form-base')[0]?.extension.valueUri;
    const timezone = extensionsNamed(resource, [], 'timezone')[0]?.extension.valueCode;
    const first = dayFrom(resource.period?.start ?? '');
    const last = dayFrom(resource.period?.end ?? '');
    if (!base || !timezone) at.fault(source, ['extension'], 'consent-form-base or timezone is missing');
    if (first === null || last === null) at.fault(source, ['period'], 'the enrolment period needs two whole days');
    const purposes = ofType(all, 'CodeSystem').find(({ value }) => (value as r4.CodeSystem).id === 'consent-purpose');
    const arms = (resource.arm ?? []).map((arm) => arm.name);
    const parameters = only<r4.Parameters>('Parameters', (id) => `${id}-parameters`, own);
    const forms = only<r4.Parameters>('Parameters', (id) => `${id}-consent-forms`, own);
    const measurement = only<r4.Parameters>('Parameters', (id) => `${id}-measurement`, own);
    const evidence = only<r4.EvidenceVariable>('EvidenceVariable', (id) => `${id}-eligibility`, own);
    const groups = only<r4.PlanDefinition>('PlanDefinition', (id) => `${id}-groups`, own);
    const flags = only<r4.PlanDefinition>('PlanDefinition', (id) => `${id}-flags`, own);
    if (!parameters || !forms || !measurement || !evidence || !groups || !flags) return null;
    const { values, questions } = readParameters(parameters.source, parameters.resource, at);
    const measured = readMeasurement(measurement.source, measurement.resource, at);
    // The order matters: parameters, then sets, are names for what follows.
    const named = readSets(evidence.source, evidence.resource, at);
    return {
      id: own,
      version: '',
      title: resource.title ?? own,
      consentBase: base ?? '',
      enrolment: { first: first ?? 0, last: last ?? 0 },
      timezone: timezone ?? 'UTC',
      arms,
      sets: named,
      criteria: readCriteria(evidence.source, evidence.resource, at),
      groups: readGroups(groups.source, groups.resource, arms, at),
      flags: readFlags(flags.source, flags.resource, at),
      forms: readConsentForms(forms.source, forms.resource, base ?? '', at),
      ...measured,
      purposes: purposesOf(purposes?.value as r4.CodeSystem | undefined),
      parameters: values,
      openQuestions: questions,
      usedValueSets: new Set(),
      researchValueSets: new Set(researchSets(source, resource, at)),
      usedConcepts: new Set(),
    };
  }
}

/** The purposes of consent; without the code system there are none, and nothing passes to the study side. The first concept is the use of data, which alone may reach back before the signature. */
function purposesOf(system: r4.CodeSystem | undefined): Study['purposes'] {
  const codes = (system?.concept ?? []).map(({ code }) => code);
  return { system: system?.url ?? '', codes, ofData: codes[0] ?? '' };
}

/** ValueSets of what the research record asks for beside the criteria (extension research-value-set). */
function researchSets(source: SourceFile, study: r4.ResearchStudy, desk: Desk): string[] {
  return extensionsNamed(study, [], 'research-value-set').map(({ extension, path }) => {
    const id = extension.valueCode ?? '';
    desk.requireValueSet(source, path, id);
    return id;
  });
}

/** Whether a file is one of those that are compiled, beside the terminology. */
function isCompiled(files: readonly SourceFile[], name: string): boolean {
  const value = files.find(({ file }) => file === name)?.value as { resourceType?: string } | null | undefined;
  return COMPILED.has(value?.resourceType ?? '');
}

/** The study's own resources are held to R4 like everybody else's. */
function shapeFaults(files: readonly SourceFile[]): StudyFault[] {
  const shape = createShapeCheck();
  return files.flatMap((file) => {
    if (file.file === TEXT_RULES || file.value === null) return [];
    const content = JSON.stringify(file.value);
    if (recall('shapes', content) === true) return [];
    const found = shape.check(file.value as never);
    if (found.length === 0) keep('shapes', content, true);
    return found.map((fault) => {
      const path = (fault.expression ?? '').replace(/^[A-Za-z]+\.?/, '');
      return { file: file.file, line: file.lineOf(pathSteps(path)), path, message: fault.message };
    });
  });
}

function contentVersion(files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.file}\0${JSON.stringify(file.value)}\0`);
  return hash.digest('hex').slice(0, 12);
}
