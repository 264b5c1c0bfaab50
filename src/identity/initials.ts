import { pinyin } from 'pinyin-pro';
import type { r4 } from '../fhir/resource.ts';

/** Extension of a Patient in the vault that holds the initials; it leaves the hospital in no export. */
export const INITIALS = 'https://study-gateway.example/StructureDefinition/initials';

const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
/** Names in use, the weightiest first; a nickname or a cover name gives nobody's initials. */
const CURRENT = ['official', 'usual', undefined, 'temp'];
const FORMER = ['old', 'maiden'];

/**
 * Surnames that the dictionary reads as the common word, and traditional forms it does not know as surnames
 * (现代汉语词典: 种 Chóng, 秘 Bì, 祭 Zhài, 佴 Nài, 么 Yāo, 炅 Guì). 单 曾 仇 解 查 盖 区 朴 尉迟 万俟 长孙 it knows.
 */
const SURNAMES = new Map(
  Object.entries({
    种: 'C',
    秘: 'B',
    祭: 'Z',
    佴: 'N',
    么: 'Y',
    炅: 'G',
    單: 'S',
    區: 'O',
    樂: 'Y',
    査: 'Z',
    尉遲: 'YC',
  }),
);
/** Only where the family name is told apart: 单于飞 may as well be 单 and 于飞. */
const TOLD_APART = new Map(Object.entries({ 单于: 'CY', 單于: 'CY' }));

const DOT = /[·•‧∙⋅・.●]/u;
const HAN = /\p{Script=Han}/u;
/** Standard Chinese syllables without tones; `lv`, `nv`, `lyu`, `nyu` as keyboards and passports write ü. */
const SYLLABLE = new RegExp(
  `^(?:${[
    'a|ai|an|ang|ao|e|ei|en|eng|er|o|ou',
    '[bpmfdtnlyw](?:a|ai|an|ang|ao|e|ei|en|eng|i|ia|ian|iang|iao|ie|in|ing|iu|o|ong|ou|u|uan|ue|ui|un|uo|v|ve|yu)',
    '[jqx](?:i|ia|ian|iang|iao|ie|in|ing|iong|iu|u|uan|ue|un)',
    '(?:[zcs]h?|[gkhr])(?:a|ai|an|ang|ao|e|ei|en|eng|i|ong|ou|u|ua|uai|uan|uang|ui|un|uo)',
  ].join('|')})$`,
);
const LONGEST_WORD = 24;

/**
 * A person's initials in capitals: one letter for each Chinese character, the surname's first (欧阳娜娜 → `OYNN`,
 * 单雄信 → `SXX`); one for each part of a name with a middle dot, as written (阿依古丽·买买提 → `AM`); one for each
 * word of a name in Latin letters, the family name's first (John Smith → `SJ`; as written when there is only text).
 * Pinyin sent along (iso21090-EN-representation SYL or ABC, or Latin letters that make as many syllables as there are
 * characters) wins over the dictionary, since it knows which reading a family uses; its syllables are told apart so
 * that both ways give the same form. Former names count only when there is no other.
 *
 * Initials identify: they stay in the hospital's vault.
 * @returns null when some character cannot be read (rare, private use, masked): nothing is guessed
 */
export function initialsOf(names: readonly r4.HumanName[]): string | null {
  const current = inUse(names, CURRENT);
  return initialsAmong(current.length > 0 ? current : inUse(names, FORMER));
}

function inUse(names: readonly r4.HumanName[], uses: readonly (string | undefined)[]): Written[] {
  const former = uses === FORMER;
  const ended = (name: r4.HumanName) => former && name.period?.end !== undefined && CURRENT.includes(name.use);
  const placed = names.flatMap((name) => {
    const rank = ended(name) ? 0 : uses.indexOf(name.use);
    return rank < 0 || (!former && name.period?.end !== undefined) ? [] : [{ rank, written: writtenOf(name) }];
  });
  return placed.sort((a, b) => a.rank - b.rank).flatMap(({ written }) => written ?? []);
}

/** A HumanName as far as it matters; `family` is empty when only the text is known. */
interface Written {
  family: string;
  rest: string;
  whole: string;
  /** Declared to be syllables (SYL) or an alphabet (ABC). */
  representation: string | undefined;
}

function writtenOf(name: r4.HumanName): Written | null {
  const clean = (text: string) => text.normalize('NFKC').trim();
  const family = clean(name.family ?? '');
  const given = clean((name.given ?? []).join(HAN.test(family) ? '' : ' '));
  const text = clean(name.text ?? '');
  const dotted = HAN.test(text) && DOT.test(text);
  const representation = name.extension?.find(({ url }) => url === REPRESENTATION)?.valueCode;
  if (!family || dotted) {
    const whole = text || given;
    return whole ? { family: '', rest: whole, whole, representation } : null;
  }
  return { family, rest: given, whole: `${family} ${given}`, representation };
}

function initialsAmong(names: readonly Written[]): string | null {
  const chinese = names.find(({ whole }) => HAN.test(whole));
  const latin = names.filter(({ whole }) => !HAN.test(whole));
  const told = (name: Written) => name.representation === 'SYL' || name.representation === 'ABC';
  const letters = chinese ? lettersOfHan(chinese) : null;
  for (const name of [...latin.filter(told), ...latin.filter((one) => !told(one))]) {
    const found = chinese ? besideHan(name, chinese, letters, told(name)) : latinAlone(name);
    // The same letters in another order: given name first. Chinese characters show which is the surname.
    if (found) return letters && sorted(found) === sorted(letters) ? letters : found;
  }
  return letters;
}

function lettersOfHan({ family, rest, whole }: Written): string | null {
  if (DOT.test(whole)) {
    const parts = whole.split(new RegExp(DOT, 'gu')).filter((part) => part.trim() !== '');
    const read = parts.map((part) => readHan(part, 'off')?.[0] ?? null);
    return read.includes(null) ? null : read.join('');
  }
  const surname = family || squeezed(rest);
  const head = readHan(surname, 'head');
  const tail = family ? readHan(rest, 'off') : '';
  if (head === null || tail === null) return null;
  const known = family ? (TOLD_APART.get(family) ?? SURNAMES.get(family)) : startOf(surname);
  return (known ?? '') + head.slice(known?.length ?? 0) + tail;
}

function startOf(text: string): string | undefined {
  return SURNAMES.get([...text].slice(0, 2).join('')) ?? SURNAMES.get([...text][0] ?? '');
}

/** A letter for each character; null when one is not a character, cannot be read, or only masks a name (某). */
function readHan(text: string, surname: 'head' | 'off'): string | null {
  const read = pinyin(squeezed(text), { type: 'all', toneType: 'none', surname, toneSandhi: false });
  const letters = read.map(({ origin, pinyin: syllable, isZh }) => {
    const letter = plain(syllable)[0] ?? '';
    return isZh && HAN.test(origin) && origin !== '某' && /[a-z]/.test(letter) ? letter.toUpperCase() : null;
  });
  return letters.includes(null) ? null : letters.join('');
}

/** Latin letters beside Chinese characters: as many syllables as characters, or not this person's pinyin. */
function besideHan(name: Written, chinese: Written, letters: string | null, told: boolean): string | null {
  const words = wordsOf(name.whole);
  if (!words) return null;
  if (DOT.test(chinese.whole)) return told ? firstLetters(words) : null;
  const count = [...squeezed(chinese.whole)].length;
  const ways = words
    .flatMap((word) => word.split("'"))
    .reduce<string[][]>((done, chunk) => done.flatMap((way) => splits(chunk).map((more) => [...way, ...more])), [[]])
    .filter((way) => way.length === count)
    .map(firstLetters);
  if (ways.length === 0) return told && words.length === count ? firstLetters(words) : null;
  if (new Set(ways).size === 1) return ways[0]!;
  // Fangan is fan-gan by the rule, but a hospital may have left the apostrophe of fang'an out: the characters tell.
  return [letters, orthographic(words)].find((way) => way !== null && ways.includes(way)) ?? null;
}

function latinAlone(name: Written): string | null {
  const words = wordsOf(name.whole);
  if (!words) return null;
  return (name.representation === 'SYL' ? orthographic(words) : null) ?? firstLetters(words);
}

/**
 * Syllables by the rule of pinyin (GB/T 16159): inside a word one that begins with a vowel has an apostrophe before it,
 * so Jianguo is jian-guo and Xi'an xi-an. Null when some word is not pinyin.
 */
function orthographic(words: readonly string[]): string | null {
  const chunks = words.flatMap((word) => word.split("'"));
  const read = chunks.map((chunk) => splits(chunk).find((way) => way.slice(1).every((one) => !/^[aeo]/.test(one))));
  return read.every((way) => way !== undefined) ? firstLetters(read.flat()) : null;
}

/** Every way to cut a word into syllables. */
function splits(word: string): string[][] {
  if (word === '') return [[]];
  if (word.length > LONGEST_WORD) return [];
  return [1, 2, 3, 4, 5, 6]
    .filter((length) => length <= word.length && SYLLABLE.test(word.slice(0, length)))
    .flatMap((length) => splits(word.slice(length)).map((rest) => [word.slice(0, length), ...rest]));
}

/** Lower case, without tones; null when there is anything but Latin letters. */
function wordsOf(text: string): string[] | null {
  const words = plain(text.replace(/[’‘ʼ`´]/g, "'").replace(/([A-Za-zÀ-ɏ])[1-5](?=[\s'-]|$)/g, '$1'))
    .split(new RegExp(`[\\s,_-]|${DOT.source}`, 'u'))
    .filter((word) => word !== '');
  return words.length > 0 && words.every((word) => /^[a-z]+(?:'[a-z]+)*$/.test(word)) ? words : null;
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function firstLetters(words: readonly string[]): string {
  return words.map((word) => word[0]!.toUpperCase()).join('');
}

function squeezed(text: string): string {
  return text.replace(/\s/g, '');
}

function sorted(letters: string): string {
  return [...letters].sort().join('');
}
