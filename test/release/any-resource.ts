import fc from 'fast-check';
import { model } from '../../src/fhir/fhirpath/paths.ts';
import { propertyOf } from '../../src/fhir/property.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { idOf } from './agreements.ts';

const DEEPEST = 4;
const known = new Map<string, string[]>();

/** JSON properties of a type, inherited ones too. */
function keysOf(type: string): string[] {
  let keys = known.get(type);
  if (!keys) {
    const types: string[] = [];
    for (let at: string | undefined = type; at; at = model.type2Parent[at]) types.push(at);
    if (type.includes('.')) types.push('BackboneElement', 'Element');
    keys = types.flatMap((one) =>
      Object.keys(model.path2Type).flatMap((path) => {
        const key = path.slice(one.length + 1);
        return path.startsWith(`${one}.`) && !key.includes('.') ? [key] : [];
      }),
    );
    known.set(type, keys);
  }
  return keys;
}

/**
 * A resource of a type with whatever R4 allows in it, and what it does not: unknown properties, extensions anywhere,
 * siblings of primitives, lists where none belong.
 */
export function anyResource(type: string): fc.Arbitrary<FhirResource> {
  return fc.infiniteStream(fc.nat()).map((numbers) => {
    const draw = (below: number) => numbers.next().value! % below;
    const value = (of: string, depth: number): unknown => {
      if (/^(date|dateTime)$/.test(of)) return ['2024', '2024-05', '2024-05-17', '2024-05-17T10:00:00+08:00'][draw(4)];
      if (of === 'instant') return '2024-05-17T10:00:00.123Z';
      if (of === 'boolean') return draw(2) === 0;
      if (/^(integer|decimal|positiveInt|unsignedInt)$/.test(of)) return draw(100);
      if (/^[a-z]/.test(of)) return `marker ${draw(1_000_000)}`;
      if (of === 'Reference')
        return {
          reference: `${['Patient', 'Encounter', 'Observation'][draw(3)]}/${idOf(`r${draw(99)}`)}`,
          display: 'marker',
        };
      return object(of, depth + 1);
    };
    const object = (of: string, depth: number): Record<string, unknown> => {
      const made: Record<string, unknown> = {};
      const keys = keysOf(of);
      for (let at = 0; at < (depth === 0 ? 30 : 5); at++) {
        const key = keys[draw(Math.max(1, keys.length))];
        const property = key === undefined ? null : propertyOf(of, key);
        // Rarely: with one of these a resource or element seldom passes at all.
        const modifies = key === 'modifierExtension' || key === 'implicitRules';
        if (!key || !property || depth > DEEPEST || (modifies && draw(10) > 0)) continue;
        const one = /extension/i.test(key) ? extension(depth + 1) : value(property.type, depth);
        made[key] = draw(2) === 0 || /extension/i.test(key) ? [one] : one;
        if (draw(8) === 0) made[`_${key}`] = { extension: [extension(depth + 1)] };
      }
      if (draw(6) === 0) made.unheardOf = { marker: 'marker' };
      return made;
    };
    const extension = (depth: number): Record<string, unknown> => ({
      url: ['http://example.org/StructureDefinition/x', 'https://study-gateway.example/StructureDefinition/flag'][
        draw(2)
      ],
      ...(draw(2) === 0 ? { valueString: 'marker' } : { valueDateTime: '2024-05-17' }),
      ...(depth < DEEPEST && draw(3) === 0 ? { extension: [extension(depth + 1)] } : {}),
    });
    return { ...object(type, 0), resourceType: type, id: idOf('one') } as FhirResource;
  });
}

/** Elements of a type that an agreement might name. */
export function elementsOf(type: string): string[] {
  return [...new Set(keysOf(type).flatMap((key) => propertyOf(type, key)?.element ?? []))];
}

/** Paths of all values of a resource, as agreements name them (`value`, `collection.collected`), and the values. */
export function leavesOf(resource: FhirResource): { path: string; value: unknown }[] {
  const found: { path: string; value: unknown }[] = [];
  const walk = (value: unknown, type: string | null, path: string[]) => {
    if (Array.isArray(value)) for (const one of value) walk(one, type, path);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, below] of Object.entries(value)) {
        const property = type ? propertyOf(type, key) : null;
        walk(below, property?.type ?? null, [...path, property?.element ?? key]);
      }
    } else found.push({ path: path.join('.'), value });
  };
  walk(resource, resource.resourceType, []);
  return found;
}
