import { elementOf, isPrimitive } from './elements.ts';
import { fits, isValid, jsonTypeOf } from './primitives.ts';
import { type Asked, type Built, primitive } from './transform.ts';
import type { SourceVariable } from './variables.ts';

export function concept(asked: Asked): Built | null {
  if (asked.parameters.length === 1) return parts(asked, 'CodeableConcept', ['text']);
  const coding = parts(asked, 'Coding', ['system', 'code', 'display']);
  return (
    coding && { ...coding, type: 'CodeableConcept', make: (frame, run) => ({ coding: [coding.make(frame, run)] }) }
  );
}

export function quantity(asked: Asked): Built | null {
  const [value] = asked.parameters;
  const type = value?.kind === 'literal' ? value.type : value?.kind === 'source' ? value.variable.type : '';
  if (asked.parameters.length === 3) return asked.fault('qty takes value and unit, or value, unit, system and code');
  if (!isPrimitive(type) || jsonTypeOf(type) !== 'number') return asked.fault('qty takes a number first');
  return parts(asked, 'Quantity', ['value', 'unit', 'system', 'code']);
}

export function contact(asked: Asked): Built | null {
  return parts(asked, 'ContactPoint', asked.parameters.length === 1 ? ['value'] : ['system', 'value']);
}

/** A datatype made of primitives, in the order of the parameters. */
export function parts(asked: Asked, type: string, names: string[]): Built | null {
  const reads = asked.parameters.map((_, index) => primitive(asked, index));
  if (reads.some((read) => read === null)) return null;
  for (const [index, given] of asked.parameters.entries()) {
    const wanted = elementOf(type, names[index]!)!.forms[0]!.type;
    const fit =
      given.kind === 'literal'
        ? isValid(wanted, given.value)
        : fits((given as { variable: SourceVariable }).variable.type, wanted);
    if (!fit) return asked.fault(`"${names[index]}" of a ${type} is of type ${wanted}`);
  }
  const make = (frame: unknown[]) => Object.fromEntries(reads.map((read, index) => [names[index]!, read!(frame)]));
  return { type, many: false, make };
}
