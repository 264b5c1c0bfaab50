import type { Search } from '../../views/hospital-fhir.ts';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const ID = /^[A-Za-z0-9.-]{1,64}$/;

/** Where a page ends, as a text that says nothing to clients. */
export function encodeCursor({ lastUpdated, id }: NonNullable<Search['after']>, falling: boolean): string {
  return Buffer.from(JSON.stringify([falling ? '-' : '+', lastUpdated, id])).toString('base64url');
}

/** Null when the text is no cursor of a search in this order. */
export function decodeCursor(text: string, falling: boolean): Search['after'] {
  const parts = parsed(Buffer.from(text, 'base64url').toString('utf8'));
  if (!Array.isArray(parts) || parts.length !== 3) return null;
  const [order, lastUpdated, id] = parts.map(String) as [string, string, string];
  return order === (falling ? '-' : '+') && INSTANT.test(lastUpdated) && ID.test(id) ? { lastUpdated, id } : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
