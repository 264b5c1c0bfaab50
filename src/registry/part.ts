import type { FhirResource } from '../fhir/resource.ts';
import { servedType } from './types.ts';

/** Which elements of a resource are asked for (R4, search.html#summary and #elements). */
export type Part =
  | { kind: 'all' | 'data' | 'text' | 'summary' }
  /** Names of elements, of every type under `*`. */
  | { kind: 'elements'; elements: ReadonlyMap<string, ReadonlySet<string>> };

export const WHOLE: Part = { kind: 'all' };

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** The part of a resource that was asked for, marked as a part; mandatory and modifying elements stay. */
export function partOf(part: Part, resource: FhirResource): FhirResource {
  const type = part.kind === 'all' ? null : servedType(resource.resourceType);
  if (!type) return resource;
  const kept = new Set(type.always);
  if (part.kind === 'elements')
    for (const owner of ['*', type.type]) for (const name of part.elements.get(owner) ?? []) kept.add(name);
  if (part.kind === 'summary') for (const name of type.summary) kept.add(name);
  if (part.kind === 'text') kept.add('text');
  const entries = Object.entries(resource).filter(([key]) =>
    part.kind === 'data' ? key !== 'text' : isKept(kept, key),
  );
  const { meta } = resource;
  return {
    ...(Object.fromEntries(entries) as FhirResource),
    meta: { ...meta, tag: [...(meta?.tag ?? []), SUBSETTED] },
  };
}

/** A key of JSON by the name of its element: `_status` goes with `status`, `valueQuantity` with `value[x]`. */
function isKept(kept: ReadonlySet<string>, key: string): boolean {
  const name = key.replace(/^_/, '');
  if (kept.has(name)) return true;
  const choice = CHOICE.exec(name)?.[1];
  return choice !== undefined && (kept.has(`${choice}[x]`) || kept.has(choice));
}

const CHOICE = /^(deceased|multipleBirth|onset|abatement|effective|value|performed|source)[A-Z]/;

/** Reads `_elements`: names with commas, each alone or behind its type (`Observation.code`). Null when it is no such list. */
export function elementsFrom(text: string): Part | null {
  const elements = new Map<string, Set<string>>();
  for (const one of text.split(',').map((name) => name.trim())) {
    const [, type, name] = /^(?:([A-Z][A-Za-z]+)\.)?([a-z][A-Za-z]*)(?:\[x\])?$/.exec(one) ?? [];
    if (!name) return null;
    const owner = type ?? '*';
    elements.set(owner, (elements.get(owner) ?? new Set()).add(name));
  }
  return { kind: 'elements', elements };
}
