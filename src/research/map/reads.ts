import { isPrimitive, isResource, propertiesOf } from './elements.ts';

/**
 * A place in the source that rules can read: a resource, a backbone element, or a datatype where it stands. Places
 * form a graph that is walked beside an instance to find what no rule reads. Known when maps are loaded.
 */
export class Place {
  readonly type: string;
  private readonly parent: Place | null;
  /** JSON property (of resources with their type) → place of what stands there. */
  private readonly read = new Map<string, Place>();
  /** Backbone elements may hold themselves: they are the same place however deep. */
  private readonly backbones: Map<string, Place>;

  constructor(type: string, parent: Place | null = null) {
    this.type = type;
    this.parent = parent;
    this.backbones = parent?.backbones ?? new Map([[type, this]]);
  }

  /** Notes that a property is read as a type, and gives its place. */
  child(key: string, type: string): Place {
    const name = isResource(type) ? `${key}:${type}` : key;
    const known = this.read.get(name);
    if (known) return known;
    const place = (type.includes('.') ? this.backbones.get(type) : this.above(type)) ?? new Place(type, this);
    if (type.includes('.')) this.backbones.set(type, place);
    this.read.set(name, place);
    return place;
  }

  /** A datatype inside itself (Extension, Reference in Identifier) is the same place, so that the graph is finite. */
  private above(type: string): Place | null {
    if (isPrimitive(type)) return null;
    for (let at: Place | null = this; at; at = at.parent) if (at.type === type) return at;
    return null;
  }

  /** Notes that everything a copy takes is read. */
  readWhole(): void {
    for (const { key, type } of isPrimitive(this.type) ? [] : propertiesOf(this.type)) {
      if (!this.read.has(key)) this.child(key, type).readWhole();
    }
  }

  /** The JSON paths of an instance that no rule reads, without indices, each once, sorted. */
  unread(resource: Record<string, unknown>): string[] {
    const found = new Set<string>();
    this.walk(resource, this.type, found);
    return [...found].sort();
  }

  private walk(instance: Record<string, unknown>, path: string, found: Set<string>): void {
    for (const key of Object.keys(instance)) {
      if (key === 'resourceType') continue;
      const value = instance[key];
      for (const item of Array.isArray(value) ? value : [value]) {
        const place = this.read.get(typeof item?.resourceType === 'string' ? `${key}:${item.resourceType}` : key);
        const at = `${path}.${key}`;
        if (!place) found.add(at);
        else if (typeof item === 'object' && item !== null) place.walk(item, at, found);
      }
    }
  }
}
