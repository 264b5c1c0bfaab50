import type { FhirResource, r4 } from '../fhir/resource.ts';
import { type Day, type Days, dayOf, daysOf, type Span, spanOf } from '../fhir/time.ts';
import { concernsStudy } from '../study/consent-form.ts';
import type { Study } from '../study/model.ts';
import type { Site } from '../study/site.ts';
import { canonicalSystem } from '../terminology/code.ts';
import { type ConceptReading, readConcept } from '../terminology/concept.ts';
import type { TextRules } from '../terminology/text.ts';
import type { ValueSets } from '../terminology/value-set.ts';
import { type Decided, readDecisions } from './decided.ts';
import { type PersonRecord, type RecordView, viewOf } from './view.ts';
import { whenOf } from './when.ts';

/** Something a function could not decide about a resource; while it stands, "nothing found" is unknown. */
export interface Note {
  resource: FhirResource;
  why: 'date' | 'value' | 'unit' | 'grade' | 'age' | 'form';
}

/** What screening needs beside the person. */
export interface Desk {
  study: Study;
  valueSets: ValueSets;
  textRules: TextRules;
}

/** One person under one study at one moment: what the functions of the language see. */
export class Session {
  readonly study: Study;
  readonly site: Site;
  readonly record: PersonRecord;
  readonly view: RecordView;
  /** The clock, in milliseconds. */
  readonly now: number;
  readonly today: Day;
  readonly zone: string;
  readonly decided: Decided;
  /** Notes of the expression being evaluated. */
  notes: Note[] = [];
  /** The first day after today on which some answer may turn by the clock alone. */
  turnsOn: Day | null = null;
  /** Set by the evaluation once the sets it rests on are known. */
  anchor: { days: Days; from: 'request' | 'procedure' | 'now' } | null = null;
  private readonly desk: Desk;
  private readonly concepts = new WeakMap<object, ConceptReading>();
  private readonly spans = new WeakMap<FhirResource, Span | { none: true }>();

  constructor(desk: Desk, site: Site, record: PersonRecord, now: number) {
    this.desk = desk;
    this.study = desk.study;
    this.site = site;
    this.record = record;
    this.now = now;
    this.zone = site.timezone;
    this.today = dayOf(now, this.zone);
    const ours = record.resources.filter(
      (one) => one.resourceType !== 'Consent' || concernsStudy(one as unknown as r4.Consent, desk.study),
    );
    this.decided = readDecisions(record.decisions ?? [], ours);
    const confirmed = this.decided.confirmed.map(({ resource, concept }) => this.confirm(resource, concept));
    this.view = viewOf({ ...record, resources: [...ours, ...confirmed] }, (resource) => this.isFuture(resource));
    this.view.decisions = this.decided.tasks;
  }

  /** Notes that a resource could not be decided about; the caller answers with nothing. */
  undecided(resource: FhirResource, why: Note['why']): [] {
    this.notes.push({ resource, why });
    return [];
  }

  /** Some answer may turn on that day. */
  turns(day: Day): void {
    if (Number.isFinite(day) && day > this.today && (this.turnsOn === null || day < this.turnsOn)) this.turnsOn = day;
  }

  /** The sets a concept is in; read once for each concept. */
  reading(concept: r4.CodeableConcept): ConceptReading {
    const known = this.concepts.get(concept);
    if (known) return known;
    const reading = readConcept(concept, this.site.terminology, this.desk.valueSets);
    this.concepts.set(concept, reading);
    return reading;
  }

  /** Makes a confirmed resource read as what it was confirmed to be. */
  private confirm(resource: FhirResource, concept: string): FhirResource {
    const code = resource.code as r4.CodeableConcept;
    const reading = readConcept(code, this.site.terminology, this.desk.valueSets);
    const sets = new Set([...reading.sets, ...this.desk.valueSets.holding(concept)]);
    this.concepts.set(code, { ...reading, sets });
    return resource;
  }

  /** Whether a concept is coded in a system in which the ValueSet lists codes. */
  speaksOf(concept: r4.CodeableConcept, valueSet: string): boolean {
    const systems = new Set(this.desk.valueSets.codes(valueSet).map(({ system }) => system));
    return (concept.coding ?? []).some(
      ({ system, code }) => code && systems.has(canonicalSystem(system ?? '', this.site.terminology)),
    );
  }

  /** Whether a code is in the ValueSet of some text rule. */
  isNamed(concept: r4.CodeableConcept): boolean {
    return [...this.reading(concept).sets].some((set) => this.study.usedConcepts.has(set));
  }

  suggested(text: string): ReadonlySet<string> {
    return this.desk.textRules.suggest(text);
  }

  when(resource: FhirResource): Span | null {
    const known = this.spans.get(resource);
    if (known) return 'none' in known ? null : known;
    const span = whenOf(resource, this.zone, this.view?.appointments ?? new Map());
    // While the view is being built appointments are not yet known, so requests are not remembered then.
    if (this.view) this.spans.set(resource, span ?? { none: true });
    return span;
  }

  days(resource: FhirResource): Days | null {
    const span = this.when(resource);
    return span && daysOf(span, this.zone);
  }

  /** The days the person may have been born on. */
  birth(): Days | null {
    const text = this.view.patient?.birthDate;
    const span = text ? spanOf(text, this.zone) : null;
    return span && daysOf(span, this.zone);
  }

  /** The last day of a period; null when it is open or cannot be read. */
  endOf(period: r4.Period): Day | null {
    const span = period.end ? spanOf(period.end, this.zone) : null;
    return span && daysOf(span, this.zone).last;
  }

  /** Dated more than five minutes after the clock: it has not happened yet. */
  private isFuture(resource: FhirResource): boolean {
    const span = this.when(resource);
    // A whole day has begun or not; five minutes of clock skew are for instants only.
    const isDay = span !== null && span.end - span.start > 3_600_000;
    if (!span || (isDay ? dayOf(span.start, this.zone) <= this.today : span.start <= this.now + 300_000)) return false;
    this.turns(dayOf(span.start, this.zone));
    return true;
  }
}

/** Where the functions find the session of the evaluation under way; expressions are compiled long before. */
export interface SessionHolder {
  current: Session | null;
}
