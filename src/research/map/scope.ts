import { isKnownType } from './elements.ts';
import type { MapFault } from './language.ts';
import type { GroupSyntax, MapSyntax } from './syntax.ts';

/** A group and the map it stands in. */
export interface ScopedGroup {
  map: MapSyntax;
  syntax: GroupSyntax;
}

const R4_TYPE = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Za-z0-9]+)$/;

/** Names across maps: aliases to types, groups of a map and of those it imports. */
export class GroupScope {
  private readonly maps: ReadonlyMap<string, MapSyntax>;
  private readonly aliases = new Map<MapSyntax, Map<string, string>>();

  /** @param faults receives unknown types, imports and doubly named groups */
  constructor(maps: readonly MapSyntax[], faults: MapFault[]) {
    this.maps = new Map(maps.map((map) => [map.url, map]));
    for (const map of maps) this.aliases.set(map, this.check(map, faults));
  }

  private check(map: MapSyntax, faults: MapFault[]): Map<string, string> {
    const fault = (line: number, path: string, message: string) => faults.push({ file: map.file, line, path, message });
    const aliases = new Map<string, string>();
    for (const { url, alias, line } of map.uses) {
      const type = R4_TYPE.exec(url)?.[1];
      const known = type !== undefined && isKnownType(type);
      if (!known) fault(line, '', `R4 has no type "${url}"`);
      if (known || alias) aliases.set(alias ?? type!, type ?? url);
    }
    for (const { url, line } of map.imports) {
      if (url.includes('*')) fault(line, '', 'imports name one map each, without "*"');
      else if (!this.maps.has(url)) fault(line, '', `the map "${url}" is not loaded`);
    }
    const seen = new Set<string>();
    for (const group of map.groups) {
      if (seen.has(group.name)) fault(group.line, group.name, 'there are two groups of this name');
      seen.add(group.name);
      const names = group.inputs.map(({ name }) => name);
      if (new Set(names).size < names.length) fault(group.line, group.name, 'two inputs have the same name');
      for (const { type, line } of group.inputs) {
        if (type !== null && !aliases.has(type) && !isKnownType(type))
          fault(line, group.name, `R4 has no type "${type}"`);
      }
    }
    return aliases;
  }

  /** The R4 type a name in a map stands for. */
  typeOf(map: MapSyntax, name: string): string {
    return this.aliases.get(map)?.get(name) ?? name;
  }

  /** The groups of a name: the map's own, else those of what it imports. More than one is ambiguous. */
  named(map: MapSyntax, name: string): ScopedGroup[] {
    return this.search(map, (group) => group.name === name);
  }

  /** The groups that are the default for two types. */
  forTypes(map: MapSyntax, source: string, target: string): ScopedGroup[] {
    return this.search(map, (group, owner) => {
      const [from, to] = group.inputs;
      if (!group.forTypes || group.inputs.length !== 2 || !from?.type || !to?.type) return false;
      return this.typeOf(owner, from.type) === source && this.typeOf(owner, to.type) === target;
    });
  }

  private search(map: MapSyntax, matches: (group: GroupSyntax, owner: MapSyntax) => boolean): ScopedGroup[] {
    const seen = new Set([map]);
    for (const each of seen) {
      for (const { url } of each.imports) {
        const imported = this.maps.get(url);
        if (imported) seen.add(imported);
      }
    }
    const groupsOf = (owner: MapSyntax) =>
      owner.groups.filter((group) => matches(group, owner)).map((syntax) => ({ map: owner, syntax }));
    const own = groupsOf(map);
    return own.length > 0 ? own : [...seen].slice(1).flatMap(groupsOf);
  }
}
