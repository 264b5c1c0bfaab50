/** What a FHIR reference text leads to (FHIR R4 references, "Literal References"). */
export type Target =
  | { kind: 'relative'; type: string; id: string }
  | { kind: 'absolute'; base: string; type: string; id: string }
  | { kind: 'urn'; urn: string }
  | { kind: 'contained'; id: string }
  | { kind: 'conditional'; type: string; query: URLSearchParams }
  | { kind: 'unreadable' };

const RESTFUL =
  /^(?:(https?:\/\/.+?)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** Reads a literal reference; a version (`/_history/n`) is dropped: identity does not depend on it. */
export function readReference(reference: string): Target {
  if (reference.startsWith('#')) return { kind: 'contained', id: reference.slice(1) };
  if (/^urn:(uuid|oid):\S+$/i.test(reference)) return { kind: 'urn', urn: reference.toLowerCase() };
  const match = RESTFUL.exec(reference);
  if (match) {
    const [, base, type, id] = match as unknown as [string, string | undefined, string, string];
    return base ? { kind: 'absolute', base, type, id } : { kind: 'relative', type, id };
  }
  const conditional = /^([A-Z][A-Za-z]+)\?(.+)$/.exec(reference);
  if (conditional) {
    return { kind: 'conditional', type: conditional[1]!, query: new URLSearchParams(conditional[2]) };
  }
  return { kind: 'unreadable' };
}

/** Whether a URI lies under a server's base (`base`, `base/…`, `base#…`, `base?…`). */
export function isUnder(uri: string, base: string): boolean {
  const root = base.replace(/\/+$/, '');
  return uri === root || (uri.startsWith(root) && /^[/#?]/.test(uri.slice(root.length)));
}
