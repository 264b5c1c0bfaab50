import { type Cipheriv, createCipheriv } from 'node:crypto';

const ROUNDS = 10;
const BLOCK = 16;

/** A keyed permutation of texts of one length: as many different texts come out as go in. */
export interface Permutation {
  encrypt(text: string): string;
  decrypt(text: string): string;
}

/**
 * FF1, format-preserving encryption by NIST SP 800-38G, over AES in the size of the key.
 * @param alphabet the characters of the texts, at least 2
 * @param length of every text; half of it must fit into 12 bytes
 * @throws RangeError on a text of another length, or with a character outside the alphabet
 */
export function ff1(key: Buffer, alphabet: string, length: number, tweak: Buffer = Buffer.alloc(0)): Permutation {
  const radix = alphabet.length;
  const base = BigInt(radix);
  const [u, v] = [Math.floor(length / 2), Math.ceil(length / 2)];
  const bytes = Math.ceil(Math.ceil(v * Math.log2(radix)) / 8);
  const taken = 4 * Math.ceil(bytes / 4) + 4;
  if (taken > BLOCK || length < 2) throw new RangeError('FF1 here takes texts whose half fits into 12 bytes.');
  const aes = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  const numerals = new Map([...alphabet].map((character, at) => [character, BigInt(at)]));
  const sizes = [base ** BigInt(u), base ** BigInt(v)] as const;
  // The first block is the same for every text.
  const first = enciphered(aes, firstBlock(radix, u, length, tweak.length));
  const padded = Buffer.alloc(Math.ceil((tweak.length + 1 + bytes) / BLOCK) * BLOCK);
  tweak.copy(padded);

  function round(i: number, half: bigint): bigint {
    padded[padded.length - bytes - 1] = i;
    padded.write(half.toString(16).padStart(bytes * 2, '0'), padded.length - bytes, 'hex');
    let chain = first;
    for (let at = 0; at < padded.length; at += BLOCK) {
      const block = Buffer.alloc(BLOCK);
      for (let j = 0; j < BLOCK; j++) block[j] = chain[j]! ^ padded[at + j]!;
      chain = enciphered(aes, block);
    }
    return BigInt(`0x${chain.toString('hex', 0, taken)}`);
  }

  function number(text: string): bigint {
    let value = 0n;
    for (const character of text) {
      const numeral = numerals.get(character);
      if (numeral === undefined) throw new RangeError('A character is outside the alphabet.');
      value = value * base + numeral;
    }
    return value;
  }

  function text(value: bigint, characters: number): string {
    let written = '';
    for (let left = value; written.length < characters; left /= base) written = alphabet[Number(left % base)] + written;
    return written;
  }

  function halves(given: string): [bigint, bigint] {
    if (given.length !== length) throw new RangeError('The text has another length.');
    return [number(given.slice(0, u)), number(given.slice(u))];
  }

  return {
    encrypt(given) {
      let [a, b] = halves(given);
      for (let i = 0; i < ROUNDS; i++) [a, b] = [b, (a + round(i, b)) % sizes[i % 2]!];
      return text(a, u) + text(b, v);
    },
    decrypt(given) {
      let [a, b] = halves(given);
      for (let i = ROUNDS - 1; i >= 0; i--) {
        const size = sizes[i % 2]!;
        [a, b] = [(((b - round(i, a)) % size) + size) % size, a];
      }
      return text(a, u) + text(b, v);
    },
  };
}

function firstBlock(radix: number, u: number, length: number, tweak: number): Buffer {
  const block = Buffer.from([1, 2, 1, 0, 0, 0, ROUNDS, u % 256, 0, 0, 0, 0, 0, 0, 0, 0]);
  block.writeUIntBE(radix, 3, 3);
  block.writeUInt32BE(length, 8);
  block.writeUInt32BE(tweak, 12);
  return block;
}

function enciphered(aes: Cipheriv, block: Buffer): Buffer {
  return aes.update(block);
}
