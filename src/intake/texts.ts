import { isUtf8 } from 'node:buffer';
import type { RefusalCode } from '../fhir/refusal.ts';
import { JsonDocument, type KeptLine } from './document.ts';
import { ANGLE, CLOSE, isBlank, isOnly, marginOf, OPEN, startsObject, withoutMark } from './line-form.ts';
import type { Line } from './lines.ts';
import { parseUnique } from './repeated-member.ts';
import { JsonScan } from './scan.ts';

/** One JSON value of a file. */
export interface Text {
  /** the line on which it begins */
  line: number;
  /** it goes on over several lines */
  spread: boolean;
  value: unknown;
}

/** A line, or a document of several lines, that holds no JSON. */
export interface BadText {
  line: number;
  reason: RefusalCode;
  message: string;
  /** The line, when it is text; what is left of a document says too little. */
  text?: string;
}

/** Limits: nesting of JSON; bytes of a document that spreads over lines. */
export interface TextLimits {
  maxDepth: number;
  maxDocumentBytes: number;
}

/** Deepest nesting of JSON, unless another is given. */
export const MAX_DEPTH = 64;

const LINE_FEED = Buffer.from('\n');
const SAY = {
  'line-too-long': 'The line is longer than the limit. Send one resource a line.',
  'invalid-utf8': 'The line is not UTF-8 (GB18030 perhaps). Export the file as UTF-8.',
  'invalid-json': 'The line is not JSON, or is cut off. Export it again.',
  'too-deep': 'The JSON is nested deeper than any FHIR resource needs. Export it again.',
} as const;
const REPEATED = 'An object names the same element twice, so that it is not clear which counts. Export it again.';
const XML = 'This is XML, not JSON. Export the feed as FHIR JSON.';

/**
 * Makes JSON values of lines, deciding by the grammar and not by the name of the file: a line that is complete is one
 * value (NDJSON); a line that ends amid valid JSON begins a document that goes on. A broken document is one refusal
 * however many lines it has, and a line cut off in NDJSON costs only itself.
 */
export class TextReader {
  #limits: TextLimits;
  #document: JsonDocument | null = null;
  /** Inside what is left of something broken, until a line makes sense again. */
  #skipping = false;
  #afterBrace = false;
  /** White space before the newest value. */
  #margin = 0;

  constructor(limits: TextLimits) {
    this.#limits = limits;
  }

  /** Whether nothing is open: the next line is looked at for itself. */
  get idle(): boolean {
    return this.#document === null && !this.#skipping;
  }

  /** The values and refusals that this line settles. */
  *push(line: Line): Generator<Text | BadText> {
    const bytes = line.bytes === null ? null : withoutMark(line.bytes);
    if (bytes !== null && isBlank(bytes)) return;
    if (!this.#skipping || this.#makesSense(bytes)) yield* this.#next(line.number, bytes);
    this.#afterBrace = bytes !== null && isOnly(bytes, CLOSE);
  }

  /**
   * The file is over.
   * @param broken it could not be read to its end, which is told elsewhere: what is cut off there is not told again
   */
  *end(broken: boolean): Generator<Text | BadText> {
    const document = this.#document;
    if (!document) return;
    this.#document = null;
    const lines = document.firstLines;
    if (lines && (yield* this.#again(lines, false))) {
      yield* this.end(broken);
    } else if (!broken) {
      const message =
        document.lines === 1
          ? 'The last line is cut off. Export the file again.'
          : `The JSON document that begins on line ${document.first} is cut off here. Export the file again.`;
      const one = document.lines === 1 ? { text: document.text().trimEnd() } : {};
      yield { line: document.last, reason: 'invalid-json', message, ...one };
    }
  }

  /** Whether this is one resource, beginning where others do: further in it could be a contained one of a document. */
  #isResource(bytes: Buffer): boolean {
    if (!startsObject(bytes, this.#margin) || !isUtf8(bytes)) return false;
    const scan = new JsonScan(this.#limits.maxDepth);
    if (scan.push(bytes) !== 'complete') return false;
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return 'resourceType' in (value as object);
  }

  #value(line: number, spread: boolean, text: string, members: number): Text | BadText {
    const parsed = parseUnique(text, members);
    if (parsed) return { line, spread, value: parsed.value };
    return { line, reason: 'invalid-json', message: REPEATED, ...(spread ? {} : { text }) };
  }

  *#next(number: number, bytes: Buffer | null): Generator<Text | BadText> {
    if (this.#document) yield* this.#goOn(this.#document, number, bytes);
    else yield* this.#begin(number, bytes);
  }

  *#begin(number: number, bytes: Buffer | null): Generator<Text | BadText> {
    this.#skipping = false;
    if (bytes !== null) this.#margin = marginOf(bytes);
    if (bytes === null) return yield bad(number, 'line-too-long');
    if (!isUtf8(bytes)) return yield bad(number, 'invalid-utf8');
    const scan = new JsonScan(this.#limits.maxDepth);
    scan.push(bytes);
    // A number at the top level ends with the line.
    const state = scan.push(LINE_FEED);
    if (state === 'complete') {
      yield this.#value(number, false, bytes.toString('utf8'), scan.members);
    } else if (state === 'open') {
      this.#document = new JsonDocument(scan, number, bytes);
    } else if (bytes[0] === ANGLE) {
      this.#skipping = true;
      yield { line: number, reason: 'invalid-json', message: XML };
    } else {
      yield bad(number, state === 'too-deep' ? 'too-deep' : 'invalid-json', bytes);
    }
  }

  *#goOn(document: JsonDocument, number: number, bytes: Buffer | null): Generator<Text | BadText> {
    const fault = bytes === null ? 'line-too-long' : !isUtf8(bytes) ? 'invalid-utf8' : document.add(number, bytes);
    if (fault === null && document.bytes <= this.#limits.maxDocumentBytes) {
      if (!document.complete) return;
      this.#document = null;
      yield this.#value(document.first, true, document.text(), document.members);
      return;
    }
    this.#document = null;
    const lines = document.firstLines;
    if (lines && (yield* this.#again(lines, fault === 'invalid-json' && lines.length <= 3))) {
      // A line that is no text was not added to the document.
      if (bytes === null || !isUtf8(bytes)) yield* this.#next(number, bytes);
      return;
    }
    this.#skipping = true;
    yield brokenDocument(document.first, number, fault);
    if (this.#makesSense(bytes)) yield* this.#begin(number, bytes);
  }

  /**
   * Looks again at the lines of a document that broke. When one of them is a whole resource, or they are few and begin
   * alike, they were lines of NDJSON and the first was cut off: each is looked at alone.
   * @returns whether it was so
   */
  *#again(lines: KeptLine[], few: boolean): Generator<Text | BadText, boolean> {
    const [first, ...further] = lines;
    const alike = (some: KeptLine[]) => some.every(({ bytes }) => startsObject(bytes, this.#margin));
    const whole = further.findIndex(({ bytes }) => this.#isResource(bytes));
    if (whole < 0 && !(few && further.length > 0 && alike(further))) return false;
    let rest = further;
    if (alike(further.slice(0, Math.max(whole, 0)))) {
      yield bad(first!.number, 'invalid-json', first!.bytes);
    } else {
      rest = further.slice(whole);
      yield brokenDocument(first!.number, rest[0]!.number, 'invalid-json');
    }
    for (const { number, bytes } of rest) yield* this.#next(number, bytes);
    return true;
  }

  /** Whether reading can begin again here: a resource on a line, or a document after the end of another. */
  #makesSense(bytes: Buffer | null): boolean {
    if (bytes === null) return false;
    return (this.#afterBrace && isOnly(bytes, OPEN)) || this.#isResource(bytes);
  }
}

/** What is said of a line. @param bytes of a line that is text */
export function bad(line: number, reason: keyof typeof SAY, bytes?: Buffer): BadText {
  const refusal: BadText = { line, reason, message: SAY[reason] };
  return bytes ? { ...refusal, text: bytes.toString('utf8') } : refusal;
}

function brokenDocument(first: number, line: number, fault: RefusalCode | null): BadText {
  const reason = fault ?? 'document-too-long';
  const about = `The JSON document that begins on line ${first}`;
  const message = fault
    ? `${about} is broken here. Export it again, or send one resource a line (NDJSON).`
    : `${about} is longer than the limit. Send one resource a line (NDJSON).`;
  return { line, reason, message };
}
