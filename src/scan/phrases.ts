import type { EntryList } from './entries.ts';
import { KIND } from './entries.ts';
import { MEANS, type Phrase } from './plan.ts';

/** Phrases remembered for one type at one hospital before the memory starts anew. */
const REMEMBERED = 20_000;
/** Longer ones repeat too seldom to be remembered. */
const LONGEST = 2000;

/** A phrase whose meaning is asked for, and the entries that wait for it. */
interface Question {
  phrase: Phrase;
  entries: number[];
}

/** What is known of the phrases of a feed. A feed has few: each is asked for once, and remembered. */
export class Phrases {
  #memory = new Map<string, Map<string, number>>();
  #questions: Question[] = [];
  #asked = new Map<string, Question>();

  /** The memory of one type at one hospital: bytes → `MEANS`. */
  memoryOf(site: string, type: string): Map<string, number> {
    const key = `${site} ${type}`;
    const memory = this.#memory.get(key) ?? new Map<string, number>();
    this.#memory.set(key, memory);
    return memory;
  }

  /** Asks what a phrase means for an entry. */
  ask({ site, type, form, bytes }: Phrase, entry: number): void {
    const key = `${site} ${type} ${form} ${bytes}`;
    let question = this.#asked.get(key);
    if (!question) {
      // A copy: a part of a text would keep the whole of it alive.
      const own = Buffer.from(bytes, 'latin1').toString('latin1');
      question = { phrase: { site, type, form, bytes: own }, entries: [] };
      this.#asked.set(key, question);
      this.#questions.push(question);
    }
    if (question.entries.at(-1) !== entry) question.entries.push(entry);
  }

  /** What was asked since the last answers. */
  questions(): Phrase[] {
    return this.#questions.map(({ phrase }) => phrase);
  }

  /** Takes the answers in, in the order of the questions. */
  settle(answers: readonly number[], into: EntryList): void {
    this.#questions.forEach(({ phrase, entries }, index) => {
      const means = answers[index]!;
      if (phrase.bytes.length <= LONGEST) {
        const memory = this.memoryOf(phrase.site, phrase.type);
        if (memory.size >= REMEMBERED) memory.clear();
        memory.set(phrase.bytes, means);
      }
      for (const at of entries) {
        if (means & MEANS.read) into.turn(at, KIND.read);
        else if (means & MEANS.evidence) into.turn(at, KIND.evidence);
      }
    });
    this.#questions = [];
    this.#asked.clear();
  }
}
