import { copierOf, mayBeCopied } from './datatypes.ts';
import { CASTS, castTo, isText } from './primitives.ts';
import { type Run, refuse } from './run.ts';
import { type Asked, type Built, primitive } from './transform.ts';
import type { SourceVariable } from './variables.ts';

export function copy({ parameters: [given], fault }: Asked): Built | null {
  if (given?.kind === 'literal')
    return { type: given.type, literal: given.value, many: false, make: () => given.value };
  if (given?.kind !== 'source') return fault('copy takes a value or a source variable');
  return copyOf(given.variable, fault);
}

/** A copy of what a variable holds. */
export function copyOf(variable: SourceVariable, fault: Asked['fault']): Built | null {
  const { type, slot, ids, place } = variable;
  if (ids) return fault('an id or reference of the hospital may not be copied: use pseudonym(…)');
  if (!mayBeCopied(type))
    return fault(`type ${type} may not be copied whole: name its elements in a group or in "then { … }"`);
  place?.readWhole();
  const copier = copierOf(type);
  return { type, many: false, make: (frame) => copier(frame[slot]) };
}

export function evaluate({ parameters, fault, expression }: Asked): Built | null {
  const [focus, last] = parameters.length === 2 ? parameters : [null, parameters[0]];
  if (focus && focus.kind !== 'source') return fault('evaluate takes a source variable and an expression');
  if (last?.kind !== 'expression') return fault('evaluate takes an expression');
  if (/^\s*'[^']*'\s*$/.test(last.expression.text)) return fault('write the expression without quotes around it');
  const variable = focus?.variable ?? null;
  const compiled = expression(last.expression, variable);
  if (!compiled) return null;
  const types = [...new Set(compiled.shapes.map((shape) => shape.type))];
  const type = types.length > 1 && types.every(isText) ? 'string' : types[0];
  if (type === undefined || (types.length > 1 && type !== 'string')) {
    return fault(`the expression may give ${types.join(', ') || 'nothing'}: it must give one type, use ofType(…)`);
  }
  if (!mayBeCopied(type))
    return fault(`type ${type} may not be copied whole: name its elements in a group or in "then { … }"`);
  for (const shape of compiled.shapes) shape.place?.readWhole();
  const copier = copierOf(type);
  const make = (frame: unknown[], run: Run) =>
    compiled.evaluate(variable ? frame[variable.slot] : null, frame, run)?.map(copier);
  return { type, many: true, make };
}

export function cast(asked: Asked): Built | null {
  const read = primitive(asked, 0);
  const [, kind] = asked.parameters;
  if (!read) return null;
  if (kind?.kind !== 'literal' || !CASTS.has(String(kind.value))) {
    return asked.fault(`cast knows the types ${[...CASTS].join(', ')}`);
  }
  const type = String(kind.value);
  const make = (frame: unknown[], run: Run) => {
    const result = castTo(type, read(frame));
    if (result === undefined) refuse(run, 'cast-failed', asked.at);
    return result;
  };
  return { type, many: false, make };
}

/** Of a date or dateTime the first 4, 7 or 10 characters are the year, month or day as written. */
export function truncate(asked: Asked): Built | null {
  const [given, length] = asked.parameters;
  const read = primitive(asked, 0);
  if (!read) return null;
  if (length?.kind !== 'literal' || length.type !== 'integer' || Number(length.value) < 1) {
    return asked.fault('truncate takes a whole number above 0');
  }
  const type = given?.kind === 'source' ? given.variable.type : 'string';
  const most = Number(length.value);
  if (type === 'date' || type === 'dateTime' || type === 'instant') {
    if (![4, 7, 10].includes(most))
      return asked.fault('a date is truncated to 4 (year), 7 (month) or 10 (day) characters');
    return { type: 'date', many: false, make: (frame) => String(read(frame)).slice(0, most) };
  }
  if (!isText(type)) return asked.fault(`a ${type} cannot be truncated`);
  return { type: 'string', many: false, make: (frame) => [...String(read(frame))].slice(0, most).join('') };
}

export function append(asked: Asked): Built | null {
  const reads = asked.parameters.map((_, index) => primitive(asked, index));
  if (reads.some((read) => read === null)) return null;
  return { type: 'string', many: false, make: (frame) => reads.map((read) => String(read!(frame))).join('') };
}
