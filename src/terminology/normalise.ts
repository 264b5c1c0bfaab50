import { Converter } from 'opencc-js/t2cn';

const toSimplified = Converter({ from: 't', to: 'cn' });

const ASCII_ONLY = /^[\x20-\x7e\n]*$/;
/** White space between Chinese characters, line breaks aside: those end a clause. */
const SPACE_IN_CHINESE = /(?<=\p{Script=Han})[^\S\n]+(?=\p{Script=Han})/gu;
/** Characters that are not seen: zero width space, byte order mark, soft hyphen, marks of direction. */
const UNSEEN = /\p{Cf}/gu;
/** Two do for all known characters; the bound keeps a surprise in the conversion tables from turning in a circle. */
const MOST_PASSES = 8;

function pass(text: string): string {
  const even = text.normalize('NFKC').replace(UNSEEN, '').replace(/\r\n?/g, '\n').toLowerCase();
  return toSimplified(even).replace(SPACE_IN_CHINESE, '');
}

/**
 * The form in which free text is matched: NFKC, lower case, traditional Chinese → simplified, no white space between
 * Chinese characters. Normalising a normalised text changes nothing: a pass is repeated until nothing moves, since what
 * one step brings together another may change.
 */
export function normaliseText(text: string): string {
  if (ASCII_ONLY.test(text)) return text.toLowerCase();
  let current = text;
  for (let round = 0; round < MOST_PASSES; round++) {
    const next = pass(current);
    if (next === current) break;
    current = next;
  }
  return current;
}
