import type { FhirResource } from '../../fhir/resource.ts';
import { expressionOf } from '../../fhir/shape/expression.ts';
import type { Allowed, AllowedChild, AllowedExtension } from './allow-list.ts';
import type { ConformanceCode, ConformanceFault } from './fault.ts';

type Steps = (string | number)[];
type Json = Record<string, unknown>;

/** Faults told for one resource at most: the first ones say enough. */
export const MOST_FAULTS = 20;

const MESSAGES: Record<Exclude<ConformanceCode, 'type' | 'shape' | 'rule'>, string> = {
  element: 'does not let this element pass. Leave it out in the map.',
  missing: 'requires this element. Fill it in the map, or complete the source.',
  repeated: 'allows fewer of these. Choose in the map which ones pass.',
  text: 'lets only texts of a given form pass here. Correct the map: names, free text and hospital ids never pass.',
  code: 'lets only codes of its ValueSet pass here. Translate the code by a ConceptMap, or add it to the ValueSet.',
  reference: 'lets only references to pseudonymous resources of given types pass here. Use pseudonym() in the map.',
  extension: 'does not let this extension pass here. Leave it out in the map.',
  value: 'allows only another value here. Correct the map or the source.',
};

/**
 * Says what in a resource the allow-list does not let pass. Default deny: every key must be named by the profile.
 * @param resource one that has the shape of R4
 * @param allowed what its profile lets pass, @param profile the name of the profile
 */
export function notPassing(resource: FhirResource, allowed: Allowed, profile: string): ConformanceFault[] {
  const faults: ConformanceFault[] = [];

  const tell = (code: keyof typeof MESSAGES, at: Steps) => {
    if (faults.length >= MOST_FAULTS) return;
    const expression = expressionOf(resource.resourceType, at);
    faults.push({ code, expression, message: `The profile ${profile} ${MESSAGES[code]}` });
  };

  const object = (value: Json, rule: Allowed, at: Steps) => {
    for (const [key, item] of Object.entries(value)) {
      const here = [...at, key];
      if (key === 'extension') extensions(item, rule.extensions, here);
      else if (key === 'modifierExtension') extensions(item, rule.modifierExtensions, here);
      else {
        const child = rule.children.get(key);
        if (child) children(item, child, here);
        else if (key !== 'resourceType' || at.length > 0) tell('element', here);
      }
    }
    for (const { name, names } of rule.required) {
      if (!names.some((one) => Object.hasOwn(value, one))) tell('missing', [...at, name]);
    }
    for (const [url, { min }] of [...rule.extensions, ...rule.modifierExtensions]) {
      if (min > 0 && countOf(value, url) < min) tell('missing', [...at, 'extension']);
    }
  };

  const children = (value: unknown, child: AllowedChild, at: Steps) => {
    const items = Array.isArray(value) ? value : [value];
    if (items.length > child.max) tell('repeated', at);
    for (const [index, item] of items.entries()) one(item, child, Array.isArray(value) ? [...at, index] : at);
  };

  const one = (item: unknown, { leaf, object: rule, codes, targets }: AllowedChild, at: Steps) => {
    if (leaf) {
      const fault = leaf(item);
      if (fault) tell(fault as keyof typeof MESSAGES, at);
      return;
    }
    if (!isObject(item) || !rule) return tell('element', at);
    object(item, rule, at);
    if (codes) for (const coding of codingsOf(item)) if (!codes.hasCoding(coding.system, coding.code)) tell('code', at);
    if (targets && !targets.has(String(item.reference).split('/')[0]!)) tell('reference', at);
  };

  const extensions = (value: unknown, rules: ReadonlyMap<string, AllowedExtension>, at: Steps) => {
    const counts = new Map<AllowedExtension, number>();
    for (const [index, item] of (Array.isArray(value) ? value : [value]).entries()) {
      const here = [...at, index];
      const rule = isObject(item) ? rules.get(String(item.url)) : undefined;
      if (!rule) {
        tell('extension', here);
        continue;
      }
      const count = (counts.get(rule) ?? 0) + 1;
      counts.set(rule, count);
      if (count > rule.max) tell('repeated', here);
      object(item as Json, rule.object, here);
    }
  };

  object(resource, allowed, []);
  return faults;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The codings of a CodeableConcept; a Coding itself. */
function codingsOf(value: Json): Json[] {
  return Array.isArray(value.coding) ? value.coding.filter(isObject) : [value];
}

function countOf(value: Json, url: string): number {
  return [value.extension, value.modifierExtension].flat().filter((one) => isObject(one) && one.url === url).length;
}
