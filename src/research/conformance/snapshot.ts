import { constrain } from './constrain.ts';
import {
  coreType,
  type Definition,
  type ElementDefinition,
  type ElementType,
  type Expanded,
  isPrimitive,
  typeName,
} from './definition.ts';
import { type Branch, branch, elementsOf, segments, treeOf } from './tree.ts';

/** Where the definitions stand that a profile builds on. */
export interface Library {
  /** The snapshot of a profile by its url, or of an R4 type by its name; null when there is none. */
  expanded(urlOrType: string): Expanded | null;
  /** The url of the profile that datatypes of this kind have unless an element names another. */
  defaultProfile(type: string): string | null;
}

export type Report = (element: string, message: string) => void;

/**
 * Merges a differential into the snapshot of what it builds on (FHIR R4, profiling.html). Our profiles are closed: of
 * what R4 has, anything a differential does not name gets max 0. Where it builds on, or goes into, another profile of
 * ours, it only narrows that one.
 * @param report told every mistake of the differential with the id of the element
 */
export function snapshotOf(profile: Definition, library: Library, report: Report): Expanded {
  const base = library.expanded(coreType(profile.baseDefinition ?? '') ?? profile.baseDefinition ?? '');
  if (!base) {
    report(profile.type, `The base definition "${profile.baseDefinition}" is not known.`);
    return { ...profile, snapshot: { element: [{ id: profile.type, path: profile.type }] } };
  }
  const merge = new Merge(library, report);
  const root = merge.copy(base);
  for (const element of profile.differential?.element ?? []) {
    const found = merge.descend(root, profile.type, element.id ?? '');
    if (typeof found === 'string') report(element.id ?? '', found);
    else constrain(found.element, element, report);
  }
  merge.close(root, profile.type);
  return { ...profile, snapshot: { element: elementsOf(root, profile.type, profile.type) } };
}

class Merge {
  private readonly library: Library;
  private readonly report: Report;
  private readonly named = new Set<Branch>();

  constructor(library: Library, report: Report) {
    this.library = library;
    this.report = report;
  }

  /** A tree to change. All that another profile of ours has left open counts as named. */
  copy(definition: Expanded): Branch {
    const root = treeOf(structuredClone(definition.snapshot.element));
    if (coreType(definition.url) === null) this.name(root);
    return root;
  }

  /** Finds the element of an id, going into datatypes and making slices; a text says why there is none. */
  descend(root: Branch, type: string, id: string): Branch | string {
    if (id.split('.')[0] !== type) return `The id must begin with ${type}.`;
    let here = root;
    for (const { name, slice } of segments(id)) {
      if (here.children.size === 0) this.goInto(here);
      const child = here.children.get(name);
      if (!child) return `R4 has no element "${name}" here.`;
      this.named.add(child);
      here = child;
      if (slice === null) continue;
      if (name !== 'extension' && name !== 'modifierExtension') return 'Only extensions can be sliced here.';
      here = child.slices.get(slice) ?? sliceOf(child, slice);
      this.named.add(here);
    }
    return here;
  }

  /** Gives max 0 to what is not named, and every datatype its profile. */
  close(here: Branch, id: string): void {
    for (const [name, child] of here.children) {
      const at = `${id}.${name}`;
      const { element } = child;
      if (!this.named.has(child)) {
        if ((element.min ?? 0) > 0) this.report(at, 'R4 requires the element, so the profile must name it.');
        Object.assign(element, { min: 0, max: '0' });
        child.children.clear();
        continue;
      }
      if (element.type) element.type = element.type.map((type) => this.withProfile(type));
      const backbone = element.type?.[0]?.code === 'BackboneElement';
      if (backbone && ![...child.children.values()].some((below) => this.named.has(below))) {
        this.report(at, 'Name what passes inside the element.');
      }
      if (child.slices.size > 0) element.slicing = BY_URL;
      for (const [slice, sliced] of child.slices) this.closeSlice(sliced, `${at}:${slice}`);
      this.close(child, at);
    }
  }

  /** A slice by profile says its url as well, for validators that do not look the profile up. */
  private closeSlice(slice: Branch, id: string): void {
    const url = slice.element.type?.[0]?.profile?.[0];
    if (url === undefined) {
      this.close(slice, id);
      return;
    }
    const extension = this.library.expanded(url);
    const fixed = extension ? treeOf(extension.snapshot.element).children.get('url') : undefined;
    if (fixed) slice.children.set('url', fixed);
    else this.report(id, `There is no extension "${url}".`);
  }

  private goInto(here: Branch): void {
    const [type, ...others] = here.element.type ?? [];
    if (!type || others.length > 0) return;
    const name = typeName(type);
    const definition = this.library.expanded(this.withProfile(type).profile?.[0] ?? name);
    if (definition) here.children = this.copy(definition).children;
  }

  private name(here: Branch): void {
    this.named.add(here);
    for (const child of here.children.values()) this.name(child);
    for (const slice of here.slices.values()) this.name(slice);
  }

  private withProfile(type: ElementType): ElementType {
    // R4's own profiles of datatypes (SimpleQuantity) give way to ours.
    const given = type.profile?.[0];
    if (isPrimitive(typeName(type)) || (given !== undefined && coreType(given) === null)) return type;
    const profile = this.library.defaultProfile(type.code);
    return profile ? { ...type, profile: [profile] } : type;
  }
}

const BY_URL: ElementDefinition['slicing'] = { discriminator: [{ type: 'value', path: 'url' }], rules: 'closed' };

function sliceOf(child: Branch, name: string): Branch {
  const { slicing: _, ...element } = structuredClone(child.element);
  const slice = branch({ ...element, min: 0, sliceName: name });
  child.slices.set(name, slice);
  return slice;
}
