import type { ElementDefinition } from './definition.ts';

/** One element of a definition with what stands below it. */
export interface Branch {
  element: ElementDefinition;
  children: Map<string, Branch>;
  /** Slices by name; only extensions are sliced here. */
  slices: Map<string, Branch>;
}

export function branch(element: ElementDefinition): Branch {
  return { element, children: new Map(), slices: new Map() };
}

/** `Specimen.extension:deviation.url` → `[{name: 'extension', slice: 'deviation'}, {name: 'url', slice: null}]`. */
export function segments(id: string): { name: string; slice: string | null }[] {
  return id
    .split('.')
    .slice(1)
    .map((part) => {
      const [name, slice] = part.split(':') as [string, string | undefined];
      return { name, slice: slice ?? null };
    });
}

/** Makes a tree of the elements of a snapshot, which stand in depth-first order (ElementDefinition.id, R4). */
export function treeOf(elements: readonly ElementDefinition[]): Branch {
  const root = branch(elements[0]!);
  for (const element of elements.slice(1)) {
    const path = segments(element.id ?? element.path);
    const last = path.pop()!;
    let parent = root;
    for (const { name, slice } of path) {
      const child = parent.children.get(name)!;
      parent = slice === null ? child : child.slices.get(slice)!;
    }
    if (last.slice === null) parent.children.set(last.name, branch(element));
    else parent.children.get(last.name)!.slices.set(last.slice, branch(element));
  }
  return root;
}

/** The elements of a tree in depth-first order, with the ids and paths of their places. */
export function elementsOf(root: Branch, id: string, path: string): ElementDefinition[] {
  const elements: ElementDefinition[] = [{ ...root.element, id, path }];
  for (const [name, child] of root.children) {
    elements.push(...elementsOf(child, `${id}.${name}`, `${path}.${name}`));
    for (const [slice, sliced] of child.slices) {
      elements.push(...elementsOf(sliced, `${id}.${name}:${slice}`, `${path}.${name}`));
    }
  }
  return elements;
}
