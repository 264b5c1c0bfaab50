import { createCipheriv } from 'node:crypto';
import { ff1, type Permutation } from './ff1.ts';

/** 32 characters, 5 bits each, as in `base32`. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const NUMERALS = 26;
const HALF = 13;
const ROUNDS = 10;
const BLOCK = 16;
const WORD = 2 ** 32;

const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
/** By code of the character; 255 for what is none of the alphabet. */
const NUMERAL_OF = new Uint8Array(128).fill(255);
for (const [numeral, code] of CODES.entries()) NUMERAL_OF[code] = numeral;

/** A permutation of ids that takes many at a time: the more, the cheaper each. */
export interface IdPermutation extends Permutation {
  /** As `encrypt`, of each, in the order given. */
  encryptAll(ids: readonly string[]): string[];
}

/**
 * FF1 (NIST SP 800-38G) without a tweak over ids of 26 characters of [a-z2-7], the same as `ff1` gives. A half of an id is
 * 65 bits: here one bit and two words of 32, since 2^65 is also what the sums of FF1 are taken modulo. Every round
 * enciphers one block of each id, all of them by one call of the cipher.
 * @param key of AES: 16, 24 or 32 bytes
 * @throws RangeError on a text of another form
 */
export function idPermutation(key: Buffer): IdPermutation {
  const one = ff1(key, ALPHABET, NUMERALS);
  const aes = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  const first = viewOf(aes.update(Buffer.from([1, 2, 1, 0, 0, 32, ROUNDS, HALF, 0, 0, 0, NUMERALS, 0, 0, 0, 0])));
  const [w0, w1, w2, w3] = [0, 4, 8, 12].map((at) => first.getUint32(at)) as [number, number, number, number];

  /** Adds to each half what the cipher makes of the other. Halves are bit, upper word, lower word, one after the other. */
  function round(i: number, into: Uint32Array, half: Uint32Array, blocks: Buffer): void {
    const asked = viewOf(blocks);
    for (let at = 0, block = 0; at < half.length; at += 3, block += BLOCK) {
      asked.setUint32(block, w0);
      asked.setUint32(block + 4, w1 ^ (i << 8) ^ half[at]!);
      asked.setUint32(block + 8, w2 ^ half[at + 1]!);
      asked.setUint32(block + 12, w3 ^ half[at + 2]!);
    }
    const given = viewOf(aes.update(blocks));
    for (let at = 0, block = 0; at < half.length; at += 3, block += BLOCK) {
      const lower = into[at + 2]! + given.getUint32(block + 12);
      const upper = into[at + 1]! + given.getUint32(block + 8) + (lower >= WORD ? 1 : 0);
      into[at] = (into[at]! + given.getUint32(block + 4) + (upper >= WORD ? 1 : 0)) & 1;
      into[at + 1] = upper;
      into[at + 2] = lower;
    }
  }

  function encryptAll(ids: readonly string[]): string[] {
    let [a, b] = [new Uint32Array(ids.length * 3), new Uint32Array(ids.length * 3)];
    for (const [index, id] of ids.entries()) {
      if (id.length !== NUMERALS) throw new RangeError('The text has another length.');
      readHalf(id, 0, a, index * 3);
      readHalf(id, HALF, b, index * 3);
    }
    const blocks = Buffer.alloc(ids.length * BLOCK);
    for (let i = 0; i < ROUNDS; i++) {
      round(i, a, b, blocks);
      [a, b] = [b, a];
    }
    const text = Buffer.alloc(NUMERALS);
    return ids.map((_, index) => {
      writeHalf(a, index * 3, text, 0);
      writeHalf(b, index * 3, text, HALF);
      return text.toString('latin1');
    });
  }

  return { encryptAll, encrypt: (id) => encryptAll([id])[0]!, decrypt: one.decrypt };
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Reads 13 characters: the seventh lies half in the upper word. */
function readHalf(id: string, from: number, into: Uint32Array, at: number): void {
  const [first, seventh] = [numeral(id, from), numeral(id, from + 6)];
  let upper = first & 15;
  for (let index = 1; index < 6; index++) upper = (upper << 5) | numeral(id, from + index);
  let lower = seventh & 3;
  for (let index = 7; index < HALF; index++) lower = (lower << 5) | numeral(id, from + index);
  into[at] = first >> 4;
  into[at + 1] = (upper << 3) | (seventh >> 2);
  into[at + 2] = lower;
}

function writeHalf(half: Uint32Array, at: number, text: Buffer, to: number): void {
  const [bit, upper, lower] = [half[at]!, half[at + 1]!, half[at + 2]!];
  text[to] = CODES[(bit << 4) | (upper >>> 28)]!;
  for (let index = 1; index < 6; index++) text[to + index] = CODES[(upper >>> (28 - 5 * index)) & 31]!;
  text[to + 6] = CODES[((upper & 7) << 2) | (lower >>> 30)]!;
  for (let index = 7; index < HALF; index++) text[to + index] = CODES[(lower >>> (60 - 5 * index)) & 31]!;
}

function numeral(id: string, at: number): number {
  const found = NUMERAL_OF[id.charCodeAt(at)] ?? 255;
  if (found === 255) throw new RangeError('A character is outside the alphabet.');
  return found;
}
