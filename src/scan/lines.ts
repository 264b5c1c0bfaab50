import { isUnder } from '../fhir/reference.ts';
import { CLOSE, OPEN, OPEN_LIST, QUOTE, standsAt, valueAt, valueEnd } from './bytes.ts';
import { type EntryList, KIND } from './entries.ts';
import { HashedId, hashOf, type PersonSeed, personAt, personHashFrom, personSeed } from './hash.ts';
import { Needle } from './needle.ts';
import { Phrases } from './phrases.ts';
import { MEANS, type Phrase, type ScanPlan } from './plan.ts';

const RETURN = 0x0d;

/** How a type is treated, and for those of which there may be candidates the rest. */
interface TypeRule {
  type: string;
  treatment: 'read' | 'coded' | 'others' | 'unneeded';
  /** Hash of the name, which the hashes of ids begin with. */
  hash: number;
  /** The usual beginning of a line, up to the id. */
  head: Uint8Array;
  /** What is remembered of the phrases of each hospital. */
  memory: Map<string, number>[];
}

/** Other beginnings of a line: spaces, the id first, no id near. */
const HEADS = [
  /\{\s*"resourceType"\s*:\s*"(?<type>[A-Za-z]+)"(?:\s*,\s*"id"\s*:\s*"(?<id>[A-Za-z0-9.-]{1,64})")?/y,
  /\{\s*"id"\s*:\s*"(?<id>[A-Za-z0-9.-]{1,64})"\s*,\s*"resourceType"\s*:\s*"(?<type>[A-Za-z]+)"/y,
];
const REFERENCE =
  /\{[ \t]*"reference"[ \t]*:[ \t]*"((?:[^"\\]*\/)?)Patient\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?"/y;
/** The usual beginning of a subject, from the colon on. */
const TO_PATIENT = Buffer.from(':{"reference":"Patient/');
/** The usual place of `meta`: after the id. */
const META = Buffer.from('","meta":{');
const SOURCE = /"([^"\\]*)"/y;
/** Writes a letter of ASCII: nothing else hides the name of an element. */
const ESCAPE = '\\u00';
/** Addresses in `meta.source` remembered before the memory starts anew. */
const REMEMBERED = 10_000;

/**
 * Tells of each line of a feed what is to be done with it, without parsing it. Whatever it does not know for certain is
 * read; so it never passes over what reading would have kept. It works on bytes, and for searches on their view as
 * Latin-1, in which every byte of UTF-8 is one character and ASCII is itself.
 */
export class LineScanner {
  readonly phrases = new Phrases();
  #plan: ScanPlan;
  #rules = new Map<string, TypeRule>();
  #rule: TypeRule | undefined;
  /** The id of the line. */
  #id = new HashedId();
  #sites: string[];
  #siteSeeds: PersonSeed[];
  #sources = new Map<string, number>();
  /** A code that is no string: the concepts, not what stands in their codings. */
  #code = new Needle(/"code"[ \t\r]*:[ \t\r]*[^" \t\r]/g);
  #conclusion = new Needle(/"conclusion(?:Code)?"[ \t\r:]/g);
  #subject = new Needle(/"subject"[ \t\r:]/g);
  #source = new Needle(/"source"[ \t\r:]/g);
  #contained = new Needle(/"contained"[ \t\r:]/g);
  #escapes = false;
  #bytes: Uint8Array = new Uint8Array();
  #text = '';

  constructor(plan: ScanPlan) {
    this.#plan = plan;
    this.#sites = plan.site === null ? plan.sites.map(({ id }) => id) : [plan.site];
    this.#siteSeeds = this.#sites.map(personSeed);
    const treat = (types: readonly string[], treatment: TypeRule['treatment']) => {
      for (const type of types) {
        const head = Buffer.from(`{"resourceType":"${type}","id":"`);
        const memory = treatment === 'coded' ? this.#sites.map((site) => this.phrases.memoryOf(site, type)) : [];
        this.#rules.set(type, { type, treatment, hash: hashOf(type), head, memory });
      }
    };
    treat(plan.known, 'unneeded');
    treat(plan.others, 'others');
    treat(plan.coded, 'coded');
    treat(plan.read, 'read');
  }

  /**
   * Walks whole lines, each with its line feed but perhaps the last.
   * @param base where they begin in the stretch
   * @param next the byte after them; -1 at the end of the file
   */
  scan(lines: Buffer, base: number, next: number, into: EntryList): void {
    this.#bytes = lines;
    this.#text = lines.toString('latin1');
    for (const needle of [this.#code, this.#conclusion, this.#subject, this.#source, this.#contained]) {
      needle.begin(this.#text);
    }
    this.#escapes = this.#text.includes(ESCAPE);
    for (let from = 0; from < lines.length; ) {
      const feed = this.#text.indexOf('\n', from);
      const end = feed < 0 ? lines.length : feed;
      const after = feed < 0 ? -1 : feed + 1 < lines.length ? lines[feed + 1]! : next;
      const last = end > from && lines[end - 1] === RETURN ? end - 1 : end;
      // Amid a document that goes on, no line begins with a brace after one that ends with a brace.
      const alone = lines[from] === OPEN && lines[last - 1] === CLOSE && (after === OPEN || after === -1);
      if (!alone || !this.#line(from, last, base + from, into)) into.read(base + from);
      from = feed < 0 ? lines.length : feed + 1;
    }
  }

  /** @returns whether the line was understood; if not it is read */
  #line(from: number, to: number, offset: number, into: EntryList): boolean {
    const head = this.#headOf(from);
    if (!head || head.rule.treatment === 'read') return false;
    const { rule, end } = head;
    const place = into.typeAt(rule.type);
    if (place === 0) return false;
    if (rule.treatment === 'unneeded') {
      // That it is of another hospital is told of whatever says so in the usual place.
      if (end > 0 && this.#metaEnd(to, end) > 0 && this.#siteOf(from, to, end) < 0) return false;
      into.add(offset, KIND.unneeded, place, 0, 0);
      return true;
    }
    if (end < 0 || this.#contained.within(from, to) >= 0) return false;
    if (this.#escapes && this.#text.slice(from, to).includes(ESCAPE)) return false;
    const site = this.#siteOf(from, to, end);
    const person = site < 0 ? -1 : this.#personOf(from, to, site);
    if (person < 0) return false;
    const means = rule.treatment === 'coded' ? this.#meaning(from, to, rule, site, into.length) : 0;
    const kind = means & MEANS.read ? KIND.read : means & MEANS.evidence ? KIND.evidence : KIND.waiting;
    into.add(offset, kind, place, kind === KIND.read ? 1 : person, this.#id.hash);
    return true;
  }

  /** The type of a line, and where its id ends; `end` is -1 when that is not at the beginning. */
  #headOf(from: number): { rule: TypeRule; end: number } | null {
    const last = this.#rule;
    if (last && standsAt(this.#bytes, last.head, from)) return this.#withId(last, from + last.head.length);
    for (const form of HEADS) {
      form.lastIndex = from;
      const found = form.exec(this.#text)?.groups;
      const rule = found && this.#rules.get(found.type!);
      if (!rule) continue;
      this.#rule = rule;
      if (found.id === undefined) return { rule, end: -1 };
      return this.#withId(rule, this.#text.indexOf(`"${found.id}"`, from) + 1);
    }
    return null;
  }

  #withId(rule: TypeRule, at: number): { rule: TypeRule; end: number } {
    this.#id.read(this.#bytes, at, rule.hash);
    return { rule, end: this.#id.end };
  }

  /** The place of the hospital; -1 when it is not known, or is not the one named. @param after where the id ends */
  #siteOf(from: number, to: number, after: number): number {
    const source = this.#sourceOf(from, to, after);
    const { site: named, sites } = this.#plan;
    if (source === null) return named === null ? -1 : 0;
    let site = this.#sources.get(source);
    if (site === undefined) {
      site = sites.findIndex(({ fhirBase }) => isUnder(source, fhirBase));
      if (this.#sources.size > REMEMBERED) this.#sources.clear();
      this.#sources.set(Buffer.from(source, 'latin1').toString('latin1'), site);
    }
    if (named === null) return site;
    return site < 0 || sites[site]!.id === named ? 0 : -1;
  }

  /** Where `meta` ends if it follows the id; else -1. */
  #metaEnd(to: number, after: number): number {
    return standsAt(this.#bytes, META, after) ? valueEnd(this.#bytes, after + META.length - 1, to) : -1;
  }

  /** `meta.source`; no other element of these types has the name. */
  #sourceOf(from: number, to: number, after: number): string | null {
    const at = this.#source.within(from, to);
    if (at < 0) return null;
    const metaEnd = this.#metaEnd(to, after);
    if (metaEnd > 0 && at > metaEnd) return null;
    const value = valueAt(this.#bytes, at - 1);
    if (value < 0) return null;
    SOURCE.lastIndex = value;
    // What is no plain text is nobody's address.
    return SOURCE.exec(this.#text)?.[1] ?? '';
  }

  /** The hash of the Patient that the subject names; -1 when it names one in another way than by id. */
  #personOf(from: number, to: number, site: number): number {
    const at = this.#subject.within(from, to) - 1;
    if (at < 0) return -1;
    if (standsAt(this.#bytes, TO_PATIENT, at)) {
      const person = personAt(this.#bytes, at + TO_PATIENT.length, this.#siteSeeds[site]!);
      if (person > 0) return person;
    }
    const value = valueAt(this.#bytes, at);
    if (value < 0) return -1;
    REFERENCE.lastIndex = value;
    const match = REFERENCE.exec(this.#text);
    if (!match) return -1;
    const [, base, id] = match;
    const own = this.#plan.sites.find((one) => one.id === this.#sites[site])?.fhirBase;
    return base === '' || base === `${own}/` ? personHashFrom(this.#siteSeeds[site]!, id!) : -1;
  }

  /** What the codes and texts of a line mean; what is not remembered is asked. */
  #meaning(from: number, to: number, rule: TypeRule, site: number, entry: number): number {
    const bytes = this.#bytes;
    let means = 0;
    for (let at = this.#code.within(from, to); at >= 0; at = this.#code.within(at, to)) {
      const end = bytes[at - 1] === OPEN ? valueEnd(bytes, at - 1, to) : -1;
      if (end < 0) return MEANS.read;
      means |= this.#phrase('concept', at - 1, end, rule, site, entry);
      at = end;
    }
    if (rule.type !== 'DiagnosticReport') return means;
    for (let at = this.#conclusion.within(from, to); at >= 0; at = this.#conclusion.within(at, to)) {
      const isCode = this.#text.startsWith('Code"', at - 6);
      const value = valueAt(bytes, at - 1);
      if (value < 0 || bytes[value] !== (isCode ? OPEN_LIST : QUOTE)) return MEANS.read;
      const end = valueEnd(bytes, value, to);
      if (end < 0) return MEANS.read;
      means |= this.#phrase(isCode ? 'concept' : 'text', value, end, rule, site, entry);
      at = end;
    }
    return means;
  }

  #phrase(form: Phrase['form'], from: number, to: number, rule: TypeRule, site: number, entry: number): number {
    const bytes = this.#text.slice(from, to);
    const known = rule.memory[site]!.get(bytes);
    if (known !== undefined) return known;
    this.phrases.ask({ site: this.#sites[site]!, type: rule.type, form, bytes }, entry);
    return 0;
  }
}
