import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';
import { readConcept } from '../terminology/concept.ts';
import type { TextRules } from '../terminology/text.ts';
import type { ValueSets } from '../terminology/value-set.ts';
import { evidenceOf } from './evidence.ts';
import { MEANS, type Phrase } from './plan.ts';

/** What codes and texts mean for the scan. */
export interface Meaning {
  /** `MEANS` of a phrase as it stands in a line. */
  of(phrase: Phrase): number;
  /** Whether resources of a type may be evidence at all. */
  mayBeEvidence(type: string): boolean;
  /** Whether a resource that was read makes a candidate of whom it names. */
  isEvidence(resource: FhirResource, site: Site): boolean;
}

/**
 * Reads codes and texts as screening itself does, by the same functions: whatever spelling, dictionary or text rule
 * leads a code to the study leads it there here too.
 */
export function createMeaning(
  { study, valueSets, textRules }: { study: Study; valueSets: ValueSets; textRules: TextRules },
  sites: ReadonlyMap<string, Site>,
): Meaning {
  const evidence = evidenceOf(study);

  function says(type: string, text: string): boolean {
    const names = evidence.get(type);
    return (
      names !== undefined && (names.all || [...textRules.suggest(text)].some((concept) => names.names.has(concept)))
    );
  }

  function ofConcept(type: string, site: Site, concept: unknown): number {
    if (!isConcept(concept)) return MEANS.read;
    const reading = readConcept(concept, site.terminology, valueSets);
    const names = evidence.get(type);
    const texts = [concept.text, ...(concept.coding ?? []).map(({ display }) => display)];
    const found =
      names !== undefined &&
      (names.all ||
        [...reading.sets].some((set) => names.names.has(set)) ||
        texts.some((text) => text !== undefined && says(type, text)));
    return (found ? MEANS.evidence : 0) | (reading.unmapped.length > 0 ? MEANS.read : 0);
  }

  return {
    of({ site, type, form, bytes }) {
      const value = parsed(Buffer.from(bytes, 'latin1').toString('utf8'));
      if (value === undefined) return MEANS.read;
      if (form === 'text') return typeof value !== 'string' ? MEANS.read : says(type, value) ? MEANS.evidence : 0;
      const concepts = Array.isArray(value) ? value : [value];
      return concepts.reduce((means: number, one) => means | ofConcept(type, sites.get(site)!, one), 0);
    },
    mayBeEvidence: (type) => evidence.has(type),
    isEvidence(resource, site) {
      const type = resource.resourceType;
      if (!evidence.has(type)) return false;
      const { code, component = [], conclusionCode = [], conclusion } = resource as unknown as Coded;
      const concepts = [code, ...component.map((one) => one.code), ...conclusionCode];
      if (concepts.some((one) => one !== undefined && ofConcept(type, site, one) & MEANS.evidence)) return true;
      return evidence.get(type)!.all || (typeof conclusion === 'string' && says(type, conclusion));
    },
  };
}

/** The elements of a checked resource that are read. */
interface Coded {
  code?: r4.CodeableConcept;
  component?: r4.ObservationComponent[];
  conclusionCode?: r4.CodeableConcept[];
  conclusion?: string;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether it has the shape that reading a concept takes for granted; what has another is left to the checks. */
function isConcept(value: unknown): value is r4.CodeableConcept {
  if (!isObject(value)) return false;
  const { coding = [], text } = value;
  if (text !== undefined && typeof text !== 'string') return false;
  return Array.isArray(coding) && coding.every((one) => isObject(one) && NAMES.every((name) => isText(one[name])));
}

const NAMES = ['system', 'code', 'display'] as const;
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
