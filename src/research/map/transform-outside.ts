import { isConcreteResource } from './elements.ts';
import { kindsOf } from './expression-check.ts';
import { codesIn, pseudonymOf, type Run, refuse } from './run.ts';
import type { Owner } from './target.ts';
import type { Asked, Built } from './transform.ts';

export function translate({ parameters: [given, map, kind], language, fault }: Asked): Built | null {
  // Codes that are unmatched are reported: texts may not come here.
  if (given?.kind !== 'source' || !['code', 'Coding', 'CodeableConcept'].includes(given.variable.type)) {
    return fault('translate takes a variable of type code, Coding or CodeableConcept');
  }
  if (map?.kind !== 'literal' || kind?.kind !== 'literal')
    return fault('translate takes the ConceptMap and the type in quotes');
  const name = String(map.value);
  if (!language.conceptMaps.has(name)) return fault(`there is no ConceptMap "${name}"`);
  if (kind.value !== 'code' && kind.value !== 'Coding' && kind.value !== 'CodeableConcept') {
    return fault("translate gives 'code', 'Coding' or 'CodeableConcept'");
  }
  const { slot, place } = given.variable;
  place?.readWhole();
  const type = kind.value;
  const make = (frame: unknown[], run: Run) => {
    const found = new Map<string, Owner>();
    for (const { system, code } of codesIn(frame[slot])) {
      const targets = run.context.translate(system, code, name);
      if (targets.length === 0) run.unmatched.add(`${name}: ${system ?? ''}|${code}`);
      for (const { system, code, display } of targets) {
        found.set(`${system}|${code}`, display === undefined ? { system, code } : { system, code, display });
      }
    }
    const codings = [...found.values()];
    if (type === 'CodeableConcept') return codings.length > 0 ? [{ coding: codings }] : [];
    return type === 'Coding' ? codings : [...new Set(codings.map((coding) => coding.code))];
  };
  return { type, many: true, make };
}

export function reference({ parameters: [given], at, fault }: Asked): Built | null {
  if (given?.kind === 'source') {
    return fault("a reference to a source would give on the hospital's id: use pseudonym(variable, 'kind')");
  }
  if (given?.kind !== 'target' || !isConcreteResource(given.variable.type))
    return fault('reference takes a target resource');
  const { type, slot, contained } = given.variable;
  const make = (frame: unknown[], run: Run) => {
    const { id } = frame[slot] as Owner;
    if (typeof id !== 'string') refuse(run, 'reference-without-id', at);
    return typeof id !== 'string' ? undefined : contained ? `#${id}` : `${type}/${id}`;
  };
  return { type: 'string', many: false, make };
}

export function pseudonym({ parameters: [given, name], language, at, fault }: Asked): Built | null {
  if (given?.kind !== 'source') return fault('pseudonym takes a source variable');
  const kinds = language.pseudonyms;
  const kind =
    name?.kind === 'literal' && Object.hasOwn(kinds, String(name.value)) ? kinds[String(name.value)] : undefined;
  if (name?.kind !== 'literal' || !kind) return fault(`the kinds of pseudonyms are ${kindsOf(language)}`);
  const { type, slot, ids, place } = given.variable;
  const property = type === 'Reference' ? 'reference' : isConcreteResource(type) ? 'id' : null;
  const of = type === 'Reference' ? '*' : property ? type : ids;
  if (!of) return fault('pseudonym takes a resource, its id, a Reference or Reference.reference');
  if (of !== '*' && of !== kind.of) return fault(`pseudonym "${name.value}" is of ids of ${kind.of}, not of ${of}`);
  if (property) place?.child(property, 'string');
  const where = `${at.path} (line ${at.line})`;
  const make = (frame: unknown[], run: Run) => {
    const text = property ? (frame[slot] as Owner)[property] : frame[slot];
    return pseudonymOf(String(name.value), kind, text, run, where);
  };
  return { type: 'string', many: false, make };
}
