/** A stretch of text within which a negation reaches, with what ended it. */
export interface Clause {
  text: string;
  /** The punctuation that closes the clause; empty at the end of the text. */
  ending: string;
}

/** What is said before or after a finding that takes it back. */
export interface NegationWords {
  before: RegExp;
  after: RegExp;
  /** Words that hold a negation word and negate nothing (`非酒精性`). */
  protect: RegExp;
  /** Words of `before` that negate the next word only and no list (`非`). */
  prefixes: ReadonlySet<string>;
  /** Words that begin a new finding and so end a negated list (`有`). */
  resume: RegExp;
}

/** Where in a clause findings stand negated. */
export interface ClauseNegation {
  /** A match that ends after this index has a negation before it, or within it. */
  from: number;
  /** A match that ends before this index has a negation after it. */
  until: number;
  /** Spans of protected words: a match that begins inside one cuts the word in two, and is none. */
  protectedSpans: readonly (readonly [start: number, end: number])[];
  /** Whether a clause that continues this one's list is negated from its beginning. */
  reachesOn: boolean;
}

const ENUMERATION_COMMA = '、';
/** Cuts a text at its clause breaks (a global pattern that never matches the empty string). */
export function clausesOf(text: string, breaks: RegExp): Clause[] {
  const clauses: Clause[] = [];
  let start = 0;
  for (const match of text.matchAll(breaks)) {
    clauses.push({ text: text.slice(start, match.index), ending: match[0] });
    start = match.index + match[0].length;
  }
  clauses.push({ text: text.slice(start), ending: '' });
  return clauses;
}

function spans(text: string, words: RegExp): [number, number][] {
  return [...text.matchAll(words)].map((match) => [match.index, match.index + match[0].length]);
}

/**
 * Finds what is negated in a clause. A negation reaches to the end of its clause, and from there over enumeration
 * commas: of `无肝炎、肝硬化及肝癌` nothing is left. It does not reach over other punctuation, nor over an item that begins
 * a new finding (`无腹水、有肝硬化`), nor when it is a mere prefix (`非肝硬化性门脉高压、脂肪肝`) or nothing follows it in its own
 * clause (`腹痛待查、脂肪肝`).
 * @param carried whether the clause before hands on its negation
 */
export function negationIn(clause: Clause, carried: boolean, words: NegationWords): ClauseNegation {
  const protectedSpans = spans(clause.text, words.protect);
  const open = clause.text.replace(words.protect, (word) => '\0'.repeat(word.length));
  const before = [...open.matchAll(words.before)];
  const continues = carried && !words.resume.test(clause.text.trimStart());
  const after = spans(open + clause.ending, words.after).map(([, end]) => end);
  const governs = before.some(
    (match) => !words.prefixes.has(match[0]) && open.slice(match.index + match[0].length).trim() !== '',
  );
  return {
    from: continues ? 0 : Math.min(Number.POSITIVE_INFINITY, ...before.map((match) => match.index)),
    until: Math.max(0, ...after),
    protectedSpans,
    reachesOn: clause.ending.startsWith(ENUMERATION_COMMA) && (governs || continues),
  };
}

/** Whether a match at `[start, end)` of the clause is a finding that nothing takes back. */
export function isAffirmed(negation: ClauseNegation, start: number, end: number): boolean {
  if (negation.from < end || negation.until > end) return false;
  return !negation.protectedSpans.some(([from, to]) => from < start && start < to);
}
