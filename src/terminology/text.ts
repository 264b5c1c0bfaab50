import type { Compiled, DefinitionFault, DefinitionInput } from './definition-fault.ts';
import { faultsOf } from './definition-fault.ts';
import { normaliseText } from './normalise.ts';
import { type ClauseNegation, clausesOf, isAffirmed, negationIn } from './text-clause.ts';
import { type KnownConcepts, readTextRulesFile, type TextRule, type TextRulesFile } from './text-rules-file.ts';

/** The text rules of a study, compiled. */
export interface TextRules {
  /**
   * The concepts (ValueSet ids) that a free text suggests of the patient. A suggestion is never evidence: it is unknown
   * with a to-do. Negated findings and those of relatives are not even that.
   */
  suggest(text: string): ReadonlySet<string>;
  /** Normalised strings; a text that after normalisation holds none of them suggests nothing. */
  tokens(): ReadonlySet<string>;
  /** All concepts that any rule may suggest. */
  concepts(): ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();
/** Ends what is said of a relative: a full stop or a line, unless the line is a heading. */
const SECTION_END = /^[。.\n]/;
const HEADING = /:\s*$/;

/** A match that is taken back does not hide one that begins later inside it, so the search goes on by one character. */
function isFound(pattern: RegExp, clause: string, negation: ClauseNegation): boolean {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(clause); match !== null; match = pattern.exec(clause)) {
    if (isAffirmed(negation, match.index, match.index + match[0].length)) return true;
    pattern.lastIndex = match.index + String.fromCodePoint(clause.codePointAt(match.index)!).length;
  }
  return false;
}

function suggests(rule: TextRule, clause: string, negation: ClauseNegation): boolean {
  if (!rule.any.some((pattern) => isFound(pattern, clause, negation))) return false;
  return !rule.unless.some((pattern) => clause.search(pattern) >= 0);
}

function suggestIn(text: string, rules: readonly TextRule[], file: TextRulesFile): ReadonlySet<string> {
  const found = new Set<string>();
  let ofOthers = false;
  let carried = false;
  for (const clause of clausesOf(text, file.clauseBreaks)) {
    const negation = negationIn(clause, carried, file.negation);
    carried = negation.reachesOn;
    if (file.aboutThePatient?.test(clause.text)) ofOthers = false;
    else ofOthers ||= file.notAboutThePatient.test(clause.text);
    if (!ofOthers) {
      for (const rule of rules) {
        if (!found.has(rule.concept) && suggests(rule, clause.text, negation)) found.add(rule.concept);
      }
    }
    if (SECTION_END.test(clause.ending) && !HEADING.test(clause.text)) ofOthers = false;
  }
  return found;
}

/**
 * Compiles the text rules of a study.
 * @param concepts the ValueSets of the study, to check that every rule names one; null leaves that out
 */
export function compileTextRules(input: DefinitionInput, concepts: KnownConcepts | null): Compiled<TextRules> {
  const faults: DefinitionFault[] = [];
  const file = readTextRulesFile(input.content, concepts, faultsOf(input.source, faults));
  if (file === null || faults.length > 0) return { ok: false, faults };
  const tokens = new Set(file.rules.flatMap((rule) => rule.tokens));
  const suggested = new Set(file.rules.map((rule) => rule.concept));
  return {
    ok: true,
    value: {
      suggest(text) {
        const normalised = normaliseText(text);
        const rules = file.rules.filter((rule) => rule.tokens.some((token) => normalised.includes(token)));
        return rules.length === 0 ? NONE : suggestIn(normalised, rules, file);
      },
      tokens: () => tokens,
      concepts: () => suggested,
    },
  };
}
