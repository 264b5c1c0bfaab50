import type { Request } from 'express';
import { isObject } from '../intake/json.ts';
import { contentRefusal } from './content.ts';
import { type ParsedJson, parseJson } from './json-text.ts';
import { FHIR_JSON, type HttpRefusal } from './respond.ts';

/** Limits of a body; the settings have the same names. */
export interface BodyLimits {
  /** bytes */
  maxBodyBytes: number;
  /** entries of a Bundle */
  maxEntries: number;
  /** levels of JSON */
  maxDepth: number;
}

const JSON_TYPES = [FHIR_JSON, 'application/json'];

/**
 * Reads a body of JSON. Whatever can be refused before parsing is: 415 for media type, charset and content coding, 413
 * for a length over the limit (as told in Content-Length, else as counted), 400 for what is not UTF-8, not JSON, or
 * too deep; after parsing 413 for a Bundle of too many entries. Never throws for anything a client sends.
 */
export async function readJson(req: Request, limits: BodyLimits): Promise<ParsedJson> {
  const read = await readBody(req, limits);
  return read.ok ? parseBody(read.bytes, limits) : read;
}

/** The bytes of a body of JSON: what `readJson` refuses before it has all of them. */
export async function readBody(req: Request, limits: BodyLimits): Promise<ReadBytes> {
  const refusal = contentRefusal(req, JSON_TYPES);
  return refusal ? { ok: false, refusal } : readBytes(req, limits.maxBodyBytes);
}

/** Parses a body of JSON: what `readJson` refuses once it has it. */
export function parseBody(bytes: Buffer, limits: Pick<BodyLimits, 'maxDepth' | 'maxEntries'>): ParsedJson {
  const parsed = parseJson(bytes, limits.maxDepth);
  return parsed.ok && hasTooMany(parsed.value, limits.maxEntries)
    ? { ok: false, refusal: tooManyEntries(limits.maxEntries) }
    : parsed;
}

type ReadBytes = { ok: true; bytes: Buffer } | { ok: false; refusal: HttpRefusal };

/** Reads a body to its end, or up to the limit: then the rest is left to whoever refuses. */
export function readBytes(req: Request, maxBodyBytes: number): Promise<ReadBytes> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (read: ReadBytes) => {
      req.off('data', onData).off('end', onEnd).off('close', onCut).off('error', onCut).pause();
      resolve(read);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBodyBytes) settle({ ok: false, refusal: tooLarge(maxBodyBytes) });
      else chunks.push(chunk);
    };
    const onEnd = () => {
      // Refused meanwhile (a deadline): what was answered must not be done all the same.
      if (req.res?.headersSent) onCut();
      else settle(length === 0 ? { ok: false, refusal: MISSING } : { ok: true, bytes: joined(chunks) });
    };
    const onCut = () => settle({ ok: false, refusal: CUT });
    if (req.destroyed || req.readableEnded) resolve({ ok: false, refusal: CUT });
    else if (Number(req.headers['content-length'] ?? 0) > maxBodyBytes)
      resolve({ ok: false, refusal: tooLarge(maxBodyBytes) });
    else req.on('data', onData).on('end', onEnd).on('close', onCut).on('error', onCut);
  });
}

const joined = (chunks: Buffer[]): Buffer => (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));

function hasTooMany(value: unknown, most: number): boolean {
  return isObject(value) && value.resourceType === 'Bundle' && Array.isArray(value.entry) && value.entry.length > most;
}

const MISSING: HttpRefusal = {
  status: 400,
  code: 'body-missing',
  issue: 'required',
  message: 'The request has no body. Send the resource in it.',
};
const CUT: HttpRefusal = {
  status: 400,
  code: 'body-cut',
  issue: 'incomplete',
  message: 'The body broke off. Send the request again.',
};

/** 413: the body is longer than the limit. */
export function tooLarge(maxBodyBytes: number): HttpRefusal {
  const message = `The body is longer than ${maxBodyBytes} bytes. Send it in parts.`;
  return { status: 413, code: 'body-too-large', issue: 'too-long', message };
}

function tooManyEntries(maxEntries: number): HttpRefusal {
  const message = `The Bundle has more than ${maxEntries} entries. Send it in parts.`;
  return { status: 413, code: 'too-many-entries', issue: 'too-costly', message, expression: 'Bundle.entry' };
}
