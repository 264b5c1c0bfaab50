import type { r4 } from '../../fhir/resource.ts';
import { type Days, daysOf, spanOf, spanOfPeriod } from '../../fhir/time.ts';
import { type Person, parentOf } from '../cohort.ts';
import { codingsOf, extensionCodes, startOf } from '../elements.ts';
import type { TableDefinitions } from '../load.ts';
import { specimenName } from '../specimen.ts';
import { GROUP } from '../terms.ts';

/** A specimen as the sheets of an omics team have it; what is not known is `unknown`. */
export interface Sample {
  id: string;
  tissue: string;
  collectionMethod: string;
  preservation: string;
  siteCondition: string;
  /** Four digits, empty when not told. */
  year: string;
  /** Days from the first sample of the donor; null when either day is not told. */
  dayOffset: number | null;
}

export const UNKNOWN = 'unknown';
const BLOOD_DRAW = 'blood draw';

/**
 * The samples of a person: specimens that may be used – available, without a hold – of a type that has cells. What a
 * child does not say (place, method, day) is that of what it was made of.
 */
export function samplesOf(person: Person, definitions: TableDefinitions): Sample[] {
  const { terms, settings } = definitions;
  const usable = person.of('Specimen').filter((specimen) => {
    const typed = terms.targetsOf('table-tissue', codingsOf(specimen.type));
    const held = extensionCodes(specimen, 'specimen-hold').length > 0;
    return specimen.status === 'available' && !held && (typed === null || typed.length > 0);
  });
  const days = usable.map((specimen) => dayOfCollection(specimen, person, settings.timezone));
  const first = Math.min(...days.map((day) => day ?? Number.POSITIVE_INFINITY));
  const whole = days.every((day) => day !== null);
  return usable.map((specimen, index) => {
    const lineage = lineageOf(specimen, person);
    const method = methodOf(lineage, person, definitions);
    return {
      id: specimenName(specimen),
      tissue: tissueOf(lineage, definitions),
      collectionMethod: method,
      preservation: terms.targetsOf('table-preservation', codingsOf(...(specimen.condition ?? [])))?.[0] ?? UNKNOWN,
      siteCondition: method === BLOOD_DRAW ? UNKNOWN : conditionOf(person, definitions),
      year: collectedOf(lineage)?.text.slice(0, 4) ?? '',
      dayOffset: whole ? days[index]! - first : null,
    };
  });
}

/** The specimen, what it was made of, and so on up to what was collected. */
function lineageOf(specimen: r4.Specimen, person: Person): r4.Specimen[] {
  const line: r4.Specimen[] = [];
  for (let one: r4.Specimen | null = specimen; one && !line.includes(one); one = parentOf(one, person)) line.push(one);
  return line;
}

/** The place it was taken from, where the table knows it; else what its type is of. */
function tissueOf(lineage: readonly r4.Specimen[], { terms }: TableDefinitions): string {
  const places = lineage.map(({ collection }) => codingsOf(collection?.bodySite));
  const types = lineage.map(({ type }) => codingsOf(type));
  for (const codings of [...places, ...types]) {
    const found = terms.targetsOf('table-tissue', codings)?.[0];
    if (found) return found;
  }
  return UNKNOWN;
}

/**
 * How it was obtained: as the specimen says, or as its type does (blood is drawn); of tissue, as the one kind of liver
 * procedure says that was done on the day of collection.
 */
function methodOf(lineage: readonly r4.Specimen[], person: Person, { terms, settings }: TableDefinitions): string {
  for (const { collection, type } of lineage) {
    const said = terms.targetsOf('table-collection-method', [
      ...codingsOf(collection?.method),
      ...codingsOf(type),
    ])?.[0];
    if (said) return said;
  }
  const collected = collectedOf(lineage);
  const on = collected && daysIn(collected.text, settings.timezone);
  if (!on) return UNKNOWN;
  const kinds = person.of('Procedure').flatMap(({ code, status, performedDateTime, performedPeriod }) => {
    const days = performedPeriod
      ? periodDays(performedPeriod, settings.timezone)
      : daysIn(performedDateTime ?? '', settings.timezone);
    if (status === 'not-done' || !days || days.first > on.last || days.last < on.first) return [];
    return terms.targetsOf('table-collection-method', codingsOf(code)) ?? [];
  });
  const distinct = new Set(kinds);
  return distinct.size === 1 ? kinds[0]! : UNKNOWN;
}

/** By the group of the donor (study data); `unknown` where the groups differ in it. */
function conditionOf(person: Person, { terms }: TableDefinitions): string {
  const { actualArm, assignedArm } = person.subject ?? {};
  const group = actualArm ?? assignedArm;
  return (group && terms.targets('table-site-condition', GROUP, group)?.[0]) || UNKNOWN;
}

function collectedOf(lineage: readonly r4.Specimen[]): { text: string } | null {
  for (const { collection } of lineage) {
    const text = startOf(collection?.collectedDateTime, collection?.collectedPeriod);
    if (text) return { text };
  }
  return null;
}

function dayOfCollection(specimen: r4.Specimen, person: Person, zone: string): number | null {
  const collected = collectedOf(lineageOf(specimen, person));
  const days = collected && daysIn(collected.text, zone);
  return days && days.first === days.last ? days.first : null;
}

function daysIn(text: string, zone: string): Days | null {
  const span = spanOf(text, zone);
  return span && daysOf(span, zone);
}

function periodDays(period: r4.Period, zone: string): Days | null {
  const span = spanOfPeriod(period, zone);
  return span && daysOf(span, zone);
}
