import type { Allowed, AllowedChild, AllowedExtension, Sources } from './allow-list.ts';
import type { CodeSet } from './code-set.ts';
import { limit } from './constrain.ts';
import { coreType, type ElementDefinition, type ElementType, isPrimitive, jsonName, typeName } from './definition.ts';
import { leafOf } from './leaf.ts';
import { type Branch, segments } from './tree.ts';

/** An Allowed while it is being filled; elements may refer back to it before it is whole. */
export interface Filling extends Allowed {
  children: Map<string, AllowedChild>;
  required: { name: string; names: string[] }[];
  extensions: Map<string, AllowedExtension>;
  modifierExtensions: Map<string, AllowedExtension>;
}

export function emptyAllowed(): Filling {
  return { children: new Map(), required: [], extensions: new Map(), modifierExtensions: new Map() };
}

/** Derives what passes from the tree of one snapshot. */
export class Derivation {
  private readonly url: string;
  private readonly root: Branch;
  private readonly sources: Sources;
  private readonly of: (url: string) => Allowed | null;
  private readonly objects = new Map<Branch, Filling>();

  constructor(url: string, root: Branch, sources: Sources, of: (url: string) => Allowed | null) {
    this.url = url;
    this.root = root;
    this.sources = sources;
    this.of = of;
  }

  fill(allowed: Filling): void {
    this.fillFrom(this.root, allowed);
  }

  private fillFrom(here: Branch, allowed: Filling): void {
    this.objects.set(here, allowed);
    for (const [name, child] of here.children) {
      const { element } = child;
      if (element.max === '0') continue;
      if (name === 'extension') this.extensions(child, allowed.extensions);
      else if (name === 'modifierExtension') this.extensions(child, allowed.modifierExtensions);
      else {
        const names = (element.type ?? [{ code: '' }]).map((type) => jsonName(name, typeName(type)));
        if ((element.min ?? 0) > 0) allowed.required.push({ name: name.replace('[x]', ''), names });
        for (const [index, type] of (element.type ?? [null]).entries()) {
          allowed.children.set(names[index]!, this.child(child, type));
        }
      }
    }
  }

  private child(here: Branch, type: ElementType | null): AllowedChild {
    const { element } = here;
    const child = { max: limit(element.max), leaf: null, codes: null, targets: null };
    if (type === null) return { ...child, object: this.referred(element) };
    const name = typeName(type);
    if (isPrimitive(name)) {
      const leaf = leafOf(element, name, this.codesOf(element), (message) => this.report(element, message));
      return { ...child, leaf, object: null };
    }
    const object = here.children.size > 0 ? this.object(here) : this.profiled(element, type);
    const coded = (name === 'Coding' || name === 'CodeableConcept') && element.path !== 'CodeableConcept.coding';
    const codes = coded ? this.codesOf(element) : null;
    if (coded && !codes)
      this.report(element, 'A coded element needs a required binding to a ValueSet of the profiles.');
    return { ...child, object, codes, targets: object.children.has('reference') ? this.targets(element, type) : null };
  }

  private object(here: Branch): Allowed {
    const known = this.objects.get(here);
    if (known) return known;
    const allowed = emptyAllowed();
    this.fillFrom(here, allowed);
    return allowed;
  }

  /** An object of a datatype: what its profile says. */
  private profiled(element: ElementDefinition, type: ElementType): Allowed {
    const allowed = this.of(type.profile?.[0] ?? '');
    if (!allowed) this.report(element, `There is no profile of ${type.code} to say what passes in it.`);
    return allowed ?? emptyAllowed();
  }

  /** An element that has the content of another one (contentReference, as in Consent.provision.provision). */
  private referred(element: ElementDefinition): Allowed {
    let here: Branch | undefined = this.root;
    for (const { name } of segments(element.contentReference?.replace(/^.*#/, '') ?? ''))
      here = here?.children.get(name);
    if (!here || here === this.root) this.report(element, 'The element has neither a type nor a content reference.');
    return here ? this.object(here) : emptyAllowed();
  }

  private extensions(here: Branch, allowed: Map<string, AllowedExtension>): void {
    if (here.slices.size === 0) this.report(here.element, 'Name each extension as a slice.');
    for (const slice of here.slices.values()) {
      const { element } = slice;
      const profile = element.type?.[0]?.profile?.[0];
      const url = slice.children.get('url')?.element.fixedUri;
      const object = profile ? this.of(profile) : this.object(slice);
      if (element.max === '0') continue;
      if (!url || !object) this.report(element, 'The slice needs the profile of an extension, or a fixed url.');
      else allowed.set(url, { min: element.min ?? 0, max: limit(element.max), object });
    }
  }

  private targets(element: ElementDefinition, { targetProfile = [] }: ElementType): ReadonlySet<string> {
    const types = targetProfile.map((url) => coreType(url) ?? this.sources.expanded(url)?.type ?? 'Resource');
    if (types.length === 0 || types.includes('Resource')) {
      this.report(element, 'A reference needs the types of resources it may lead to (targetProfile).');
    }
    return new Set(types);
  }

  private codesOf({ binding }: ElementDefinition): CodeSet | null {
    return binding?.strength === 'required' ? this.sources.codeSet(binding.valueSet ?? '') : null;
  }

  private report(element: ElementDefinition, message: string): void {
    this.sources.report(this.url, element.id ?? '', message);
  }
}
