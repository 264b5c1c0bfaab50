import { MIMEType } from 'node:util';
import type { Request } from 'express';
import type { HttpRefusal } from './respond.ts';

/**
 * Looks at the headers of a body before any of it is read: media type (R4, "MIME Types"; `fhirVersion` 4.0 where it is
 * given), charset UTF-8, no content coding. A packed body is refused rather than unpacked: then the limit on bytes is
 * the limit on memory, and no few bytes become many.
 * @param types the media types taken, the one to recommend first
 */
export function contentRefusal(req: Request, types: readonly string[]): HttpRefusal | null {
  const coding = req.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (coding !== 'identity') {
    req.res?.set('Accept-Encoding', 'identity');
    return unsupported('content-encoding', 'The body has a content coding. Send it without one (no gzip, no deflate).');
  }
  const type = mimeOf(req.headers['content-type']);
  if (type === null || !types.includes(type.essence))
    return unsupported('content-type', `Send the body with the Content-Type ${types.join(' or ')}.`);
  if (!/^utf-?8$/i.test(type.params.get('charset') ?? 'utf-8'))
    return unsupported('charset', 'The body has another charset than UTF-8. Send it as UTF-8.');
  if (!/^4(\.0(\.\d+)?)?$/.test(type.params.get('fhirVersion') ?? type.params.get('fhirversion') ?? '4.0'))
    return unsupported('fhir-version', 'The body has another fhirVersion than 4.0. Send FHIR R4.');
  return null;
}

/** Headers that were read well: senders use few. */
const known = new Map<string, MIMEType>();
const MOST_KNOWN = 100;

function mimeOf(text: string | undefined): MIMEType | null {
  const before = known.get(text ?? '');
  if (before) return before;
  try {
    const type = new MIMEType(text ?? '');
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text ?? '', type);
    return type;
  } catch {
    return null;
  }
}

function unsupported(code: string, message: string): HttpRefusal {
  return { status: 415, code, issue: 'not-supported', message };
}
