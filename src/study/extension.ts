import type { r4 } from '../fhir/resource.ts';

/** Canonical base of the extensions a study's files use. */
export const EXTENSION_BASE = 'https://study-gateway.example/StructureDefinition/';

/** An extension with where it stands in its file, so that a fault can name the place. */
export interface Placed {
  extension: r4.Extension;
  path: (string | number)[];
}

/** The extensions of one kind: top-level ones by their name under the base, nested ones by their plain name. */
export function extensionsNamed(
  owner: { extension?: r4.Extension[] | undefined },
  path: readonly (string | number)[],
  name: string,
): Placed[] {
  return (owner.extension ?? []).flatMap((extension, index) =>
    extension.url === name || extension.url === EXTENSION_BASE + name
      ? [{ extension, path: [...path, 'extension', index] }]
      : [],
  );
}

/** The value of the first extension of that name, whatever its type; undefined when there is none. */
export function valueNamed(owner: { extension?: r4.Extension[] | undefined }, name: string): unknown {
  const found = extensionsNamed(owner, [], name)[0]?.extension;
  return found && valueX(found as unknown as Record<string, unknown>);
}

/** The value[x] of an extension or of a Parameters part. */
export function valueX(owner: Record<string, unknown>): unknown {
  const key = Object.keys(owner).find((name) => name.startsWith('value'));
  return key === undefined ? undefined : owner[key];
}
