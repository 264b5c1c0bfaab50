const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * The first `characters` × 5 bits of `bytes` in base32 of RFC 4648 section 6, in lower case and without padding.
 * @throws RangeError when `bytes` holds fewer bits than that
 */
export function base32(bytes: Uint8Array, characters: number): string {
  if (bytes.length * 8 < characters * 5) throw new RangeError('Too few bytes for so many characters.');
  let text = '';
  let window = 0;
  let bits = 0;
  let next = 0;
  while (text.length < characters) {
    if (bits < 5) {
      window = ((window << 8) | bytes[next++]!) & 0xfff;
      bits += 8;
    }
    bits -= 5;
    text += ALPHABET[(window >> bits) & 31];
  }
  return text;
}
