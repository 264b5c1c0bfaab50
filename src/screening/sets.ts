import type { CompiledExpression, Item } from '../fhir/fhirpath/compile.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { daysOf } from '../fhir/time.ts';
import type { Decision } from '../study/decision.ts';
import { ANCHOR_SETS } from '../study/language.ts';
import { type CodeIndex, createCodeIndex } from './code-index.ts';
import { suggestible } from './functions/concept.ts';
import type { Note, Session, SessionHolder } from './session.ts';

/** What an expression selected, and what it could not decide about. */
export interface Selection {
  items: Item[];
  notes: Note[];
}

/** The variables of one person: what the record gives, the study's parameters, and its named sets, computed in order. */
export class Sets {
  private readonly session: Session;
  private readonly holder: SessionHolder;
  private readonly values: Record<string, unknown>;
  private readonly notes = new Map<string, Note[]>();
  private readonly codes: CodeIndex;

  constructor(session: Session, holder: SessionHolder) {
    this.session = session;
    this.holder = holder;
    const { view, study, site, record } = session;
    this.codes = createCodeIndex(
      ({ code }) => (isObject(code) ? session.reading(code as r4.CodeableConcept).sets : []),
      (resource) => suggestible(session, resource),
    );
    this.values = {
      ...study.parameters,
      ...view,
      patient: view.patient ?? [],
      diagnosisListComplete: site.diagnosisListComplete,
      mergeCycle: record.mergeCycle,
    };
    for (const set of study.sets) {
      const { items, notes } = this.select(set.expression);
      this.values[set.name] = items;
      if (notes.length > 0) this.notes.set(set.name, notes);
      if (session.anchor === null && ANCHOR_SETS.every((name) => name in this.values)) this.setAnchor();
    }
  }

  /** Evaluates an expression; notes of the sets it names are its own. */
  select(expression: CompiledExpression): Selection {
    const before = this.holder.current;
    this.holder.current = this.session;
    this.session.notes = [];
    try {
      const given = this.needed(expression);
      const items = given === null ? [] : expression.evaluate(given);
      const inherited = expression.variables.flatMap((name) => this.notes.get(name) ?? []);
      return { items, notes: [...inherited, ...this.session.notes] };
    } finally {
      this.holder.current = before;
    }
  }

  /** The variables with what an expression needs of them; null when it can select nothing. */
  private needed({ needs }: CompiledExpression): Readonly<Record<string, unknown>> | null {
    let given = this.values;
    for (const [name, names] of needs.coded) {
      const value = this.values[name];
      if (!Array.isArray(value) || value.length === 0) continue;
      if (given === this.values) given = Object.create(this.values) as Record<string, unknown>;
      given[name] = this.codes.of(value as FhirResource[], names);
    }
    return needs.nothingWithout?.every((name) => isEmpty(given[name])) ? null : given;
  }

  /** Whether something could not be decided when a set was made. */
  isUndecided(name: string): boolean {
    return this.notes.has(name);
  }

  decisions(): readonly Decision[] {
    return this.session.record.decisions ?? [];
  }

  set(name: string): FhirResource[] {
    return (this.values[name] ?? []) as FhirResource[];
  }

  isMember(concept: r4.CodeableConcept, valueSet: string): boolean {
    return this.session.reading(concept).sets.has(valueSet);
  }

  /** Adds a variable that only later steps know (the group, once it is assigned). */
  add(name: string, value: unknown): void {
    this.values[name] = value;
  }

  /**
   * The anchor of every look-back: the start of the earliest open request; without an open one, the start of the newest
   * qualifying procedure; else now (study protocol reading, "Verdicts").
   */
  private setAnchor(): void {
    const { session } = this;
    const now = { days: { first: session.today, last: session.today }, from: 'now' as const };
    const open = this.set('openRequests');
    const spans = (open.length > 0 ? open : this.set('qualifyingProcedures')).flatMap((one) => session.when(one) ?? []);
    if (spans.length === 0) {
      session.anchor = now;
      return;
    }
    const sorted = spans.sort((a, b) => a.start - b.start);
    const chosen = open.length > 0 ? sorted[0]! : sorted.at(-1)!;
    session.anchor = { days: daysOf(chosen, session.zone), from: open.length > 0 ? 'request' : 'procedure' };
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
