/** How far a JSON text has come: `complete` may still be followed by white space, nothing else. */
export type ScanState = 'open' | 'complete' | 'broken' | 'too-deep';

const NOTHING = 0;
const VALUE = 1;
const VALUE_OR_END = 2;
const KEY = 3;
const KEY_OR_END = 4;
const COLON = 5;
const COMMA_OR_END = 6;

const PLAIN = 0;
const STRING = 1;
const ESCAPE = 2;
const HEX = 3;
const WORD = 4;

/** Bytes that end the plain part of a string: its closing quote, an escape, and what may not stand in one. */
const ENDS = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x20 || byte === 0x22 || byte === 0x5c ? 1 : 0));

const WORDS = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/**
 * Follows the grammar of JSON (RFC 8259) over bytes, in any chunks, without building anything. It tells a text that
 * merely goes on (a pretty-printed document) from one that is broken, and stops at a depth that a parser working by
 * recursion should not be given. The bytes must be UTF-8; that is checked elsewhere.
 */
export class JsonScan {
  state: ScanState = 'open';
  /** Deepest nesting seen: 0 for a scalar, 1 for `{}`. */
  deepest = 0;
  /** Members of objects seen, by their colons. */
  members = 0;
  #depth = 0;
  #expect = VALUE;
  #inside = PLAIN;
  #hexLeft = 0;
  #isKey = false;
  #word = '';
  #isObject: Uint8Array;

  /** @param maxDepth a text nested deeper ends in `too-deep` */
  constructor(maxDepth: number) {
    this.#isObject = new Uint8Array(maxDepth + 1);
  }

  /** Takes the next bytes. A number at the top level ends only with white space after it. */
  push(bytes: Buffer): ScanState {
    const { length } = bytes;
    let at = 0;
    while (at < length && this.state !== 'broken' && this.state !== 'too-deep') {
      if (this.#inside === PLAIN) {
        at = this.#plain(bytes, at);
      } else if (this.#inside === STRING) {
        while (at < length && ENDS[bytes[at]!] === 0) at++;
        if (at < length) this.#stringByte(bytes[at++]!);
      } else if (this.#inside === WORD) {
        const from = at;
        while (at < length && !endsWord(bytes[at]!)) at++;
        this.#word += bytes.toString('latin1', from, at);
        if (at < length) this.#endWord();
      } else {
        this.#escapeByte(bytes[at++]!);
      }
    }
    return this.state;
  }

  /** Structure, up to a string, a word, or what breaks it. @returns where to go on */
  #plain(bytes: Buffer, from: number): number {
    const { length } = bytes;
    let at = from;
    let expect = this.#expect;
    for (; at < length; at++) {
      const byte = bytes[at]!;
      if (byte === 0x22) {
        if (expect !== KEY && expect !== KEY_OR_END && expect !== VALUE && expect !== VALUE_OR_END) break;
        const isKey = expect === KEY || expect === KEY_OR_END;
        let end = at + 1;
        while (end < length && ENDS[bytes[end]!] === 0) end++;
        if (end === length || bytes[end] !== 0x22 || (!isKey && this.#depth === 0)) {
          // Goes on in the next bytes, has escapes, or is all there is.
          this.#isKey = isKey;
          this.#inside = STRING;
          this.#expect = expect;
          return at + 1;
        }
        expect = isKey ? COLON : COMMA_OR_END;
        at = end;
      } else if (byte === 0x2c && expect === COMMA_OR_END) {
        expect = this.#isObject[this.#depth] === 1 ? KEY : VALUE;
      } else if (byte === 0x3a && expect === COLON) {
        expect = VALUE;
        this.members++;
      } else if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      } else {
        this.#expect = expect;
        this.#other(byte);
        // A word is read again from its first byte.
        if (this.#inside === WORD) return at;
        if (this.state === 'broken' || this.state === 'too-deep') return at + 1;
        expect = this.#expect;
      }
    }
    this.#expect = expect;
    if (at < length) this.state = 'broken';
    return at + 1;
  }

  /** An opening or closing bracket, the beginning of a word, or what does not belong here. */
  #other(byte: number): void {
    const expect = this.#expect;
    if (byte === 0x7b || byte === 0x5b) {
      if (expect !== VALUE && expect !== VALUE_OR_END) this.state = 'broken';
      else this.#open(byte === 0x7b);
    } else if (byte === 0x7d || byte === 0x5d) {
      this.#close(byte === 0x7d);
    } else if (byte !== 0x2c && byte !== 0x3a && (expect === VALUE || expect === VALUE_OR_END)) {
      this.#word = '';
      this.#inside = WORD;
    } else {
      this.state = 'broken';
    }
  }

  #open(isObject: boolean): void {
    if (this.#depth + 1 >= this.#isObject.length) {
      this.state = 'too-deep';
      return;
    }
    this.#depth++;
    if (this.#depth > this.deepest) this.deepest = this.#depth;
    this.#isObject[this.#depth] = isObject ? 1 : 0;
    this.#expect = isObject ? KEY_OR_END : VALUE_OR_END;
  }

  #close(isObject: boolean): void {
    const empty = isObject ? KEY_OR_END : VALUE_OR_END;
    const fits = this.#expect === COMMA_OR_END || this.#expect === empty;
    if (!fits || this.#isObject[this.#depth] !== (isObject ? 1 : 0)) {
      this.state = 'broken';
      return;
    }
    this.#depth--;
    this.#endValue();
  }

  #endValue(): void {
    this.#expect = this.#depth === 0 ? NOTHING : COMMA_OR_END;
    if (this.#depth === 0) this.state = 'complete';
  }

  #stringByte(byte: number): void {
    if (byte === 0x5c) {
      this.#inside = ESCAPE;
    } else if (byte === 0x22) {
      this.#inside = PLAIN;
      if (this.#isKey) this.#expect = COLON;
      else this.#endValue();
    } else {
      this.state = 'broken';
    }
  }

  #escapeByte(byte: number): void {
    const sign = String.fromCharCode(byte);
    if (this.#inside === HEX) {
      if (!/[0-9a-fA-F]/.test(sign)) this.state = 'broken';
      else if (--this.#hexLeft === 0) this.#inside = STRING;
    } else if (sign === 'u') {
      this.#hexLeft = 4;
      this.#inside = HEX;
    } else if ('"\\/bfnrt'.includes(sign)) {
      this.#inside = STRING;
    } else {
      this.state = 'broken';
    }
  }

  #endWord(): void {
    this.#inside = PLAIN;
    if (WORDS.test(this.#word)) this.#endValue();
    else this.state = 'broken';
  }
}

function endsWord(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte === 0x5d || byte === 0x7d;
}
