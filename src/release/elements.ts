import { elementTypes } from '../fhir/fhirpath/paths.ts';
import { isChoice, propertyOf } from '../fhir/property.ts';
import { EXTENSION_BASE } from '../study/extension.ts';

/** What may pass of an element: all below it but text and extensions, or what its children say. */
export interface Allowed {
  whole: boolean;
  /** By the name of the element (`value` for `valueQuantity`). */
  children: Map<string, Allowed>;
  /** Urls. */
  extensions: Set<string>;
  modifierExtensions: Set<string>;
}

/** Types that hold what people write, or who they are: they pass under no agreement. */
export const NEVER_TYPES: ReadonlySet<string> = new Set(
  'Address Annotation Attachment ContactPoint HumanName Narrative Resource Signature base64Binary markdown xhtml'.split(
    ' ',
  ),
);

/** Elements that pass under no agreement, with what to do instead. */
const NEVER: Readonly<Record<string, string>> = {
  'Patient.birthDate': 'a date of birth does not pass: say age',
  'Patient.identifier': 'a person has no identifier on the study side but the id',
  'Patient.link': 'links stay at the hospital',
};

const EXTENSION = /^(extension|modifierExtension)\((.+)\)$/;
const AGE = `${EXTENSION_BASE}age-years`;
const SOURCE_HASH = `${EXTENSION_BASE}source-hash`;

export function nothing(): Allowed {
  return { whole: false, children: new Map(), extensions: new Set(), modifierExtensions: new Set() };
}

/**
 * Adds a path below a resource type (`collection.collected`, `extension(flag)`, `extension(http://…)`) to what passes.
 * @returns what is wrong with the path; null when it was added
 */
export function allow(root: Allowed, type: string, path: string): string | null {
  const steps = path.match(/(?:[^.(]|\([^)]*\))+/g) ?? [];
  let at = root;
  let types = [type];
  for (const [index, step] of steps.entries()) {
    const last = index === steps.length - 1;
    const extension = EXTENSION.exec(step);
    if (extension) return last ? addExtension(at, extension[1]!, extension[2]!) : 'an extension passes as a whole';
    const name = step.replace(/\[x\]$/, '');
    const plain = [type, ...steps.slice(0, index), name].join('.');
    if (NEVER[plain]) return NEVER[plain];
    if (/^(id|extension|modifierExtension|contained|resourceType|implicitRules)$/.test(name))
      return name.startsWith('ext') || name.startsWith('mod')
        ? `name the url: ${name}(url)`
        : `${name} is no element to agree on: ids are always the registry’s own, the rest never passes`;
    const below = types.flatMap((one) => typesBelow(one, name));
    if (below.length === 0) return `R4 has no element ${plain}: name elements as R4 does, without the type of a choice`;
    if (below.every((one) => NEVER_TYPES.has(one)))
      return `${plain} holds text or says who somebody is: it never passes`;
    if (last && plain === `${type}.meta`) return 'name the elements of meta that pass';
    const child = at.children.get(name) ?? nothing();
    at.children.set(name, child);
    if (last) child.whole = true;
    at = child;
    types = below;
  }
  return steps.length === 0 ? 'name an element' : null;
}

/** Whether a path, written as for `allow`, passes. */
export function covers(root: Allowed, path: string): boolean {
  const extension = EXTENSION.exec(path);
  if (extension) return root[extension[1] === 'extension' ? 'extensions' : 'modifierExtensions'].has(extension[2]!);
  let at: Allowed | undefined = root;
  for (const step of path.split('.')) {
    at = at.children.get(step);
    if (!at || at.whole) return at !== undefined;
  }
  return false;
}

/** Urls of extensions of ours may be given by their name. */
function addExtension(at: Allowed, kind: string, given: string): string | null {
  const url = /^https?:/.test(given) ? given : EXTENSION_BASE + given;
  if (url === AGE) return 'the age passes as `age` says, not as an element';
  if (url === SOURCE_HASH) return 'the hash of a source is the same for every registry: it never passes';
  (kind === 'extension' ? at.extensions : at.modifierExtensions).add(url);
  return null;
}

function typesBelow(type: string, element: string): string[] {
  if (isChoice(type, element)) return elementTypes(type, element) ?? [];
  const found = propertyOf(type, element);
  return found && found.element === element ? [found.type] : [];
}
