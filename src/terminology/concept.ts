import type { r4 } from '../fhir/resource.ts';
import { canonicalCodes, canonicalSystem, cleanCode } from './code.ts';
import type { SiteTerminology } from './site.ts';
import { isPublicSystem } from './systems.ts';
import type { ValueSets } from './value-set.ts';

/** A code of a hospital that its dictionary does not know. */
export interface UnmappedCode {
  /** The system as it is called after aliases; empty when the Coding names none. */
  system: string;
  code: string;
  /** The display of the Coding, else the text of the concept. May hold anything a hospital writes. */
  text: string | null;
}

/** What a CodeableConcept says. */
export interface ConceptReading {
  /** Ids of all ValueSets that any of its codings, or what the site's map makes of them, is in. */
  sets: ReadonlySet<string>;
  unmapped: readonly UnmappedCode[];
  /** Whether any coding is of a public system, of one the study names, or known to the site's map. */
  understood: boolean;
}

interface CodingReading {
  sets: ReadonlySet<string>;
  understood: boolean;
  unmapped: { system: string; code: string } | null;
}

const NOTHING: ConceptReading = { sets: new Set(), unmapped: [], understood: false };
/** Distinct codings remembered for a site before the memory starts anew. */
const REMEMBERED = 50_000;
const NO_SITE = {};
const memories = new WeakMap<ValueSets, WeakMap<object, Map<string, CodingReading>>>();

function memoryOf(sets: ValueSets, site: SiteTerminology | null): Map<string, CodingReading> {
  const ofSets = memories.get(sets) ?? new WeakMap<object, Map<string, CodingReading>>();
  memories.set(sets, ofSets);
  const memory = ofSets.get(site ?? NO_SITE) ?? new Map<string, CodingReading>();
  ofSets.set(site ?? NO_SITE, memory);
  return memory;
}

function readCoding(sent: string, code: string, site: SiteTerminology | null, sets: ValueSets): CodingReading {
  const system = canonicalSystem(sent, site);
  const translation = site?.map.translate(system, code) ?? { known: false, targets: [] };
  const codes = [{ system, code }, ...translation.targets].flatMap((coding) => canonicalCodes(coding, site));
  const members = codes.flatMap((coding) => [...sets.memberOf(coding.system, coding.code)]);
  const understood = translation.known || isPublicSystem(system) || sets.systems().has(system);
  return { sets: new Set(members), understood, unmapped: understood ? null : { system, code } };
}

/**
 * Reads a CodeableConcept of one hospital against the ValueSets of the study. The order of its codings does not matter
 * to `sets` and `understood`. A coding without a code says nothing; one with a code and no system is unmapped.
 * @param site null when the hospital is not known: then nothing is translated
 */
export function readConcept(
  concept: r4.CodeableConcept | undefined,
  site: SiteTerminology | null,
  sets: ValueSets,
): ConceptReading {
  const codings = concept?.coding ?? [];
  if (codings.length === 0) return NOTHING;
  const memory = memoryOf(sets, site);
  const found = new Set<string>();
  const unmapped = new Map<string, UnmappedCode>();
  let understood = false;
  for (const coding of codings) {
    const code = cleanCode(coding.code ?? '');
    if (code === '') continue;
    const sent = coding.system ?? '';
    const key = `${sent}|${code}`;
    let reading = memory.get(key);
    if (reading === undefined) {
      reading = readCoding(sent, code, site, sets);
      if (memory.size >= REMEMBERED) memory.clear();
      memory.set(key, reading);
    }
    for (const id of reading.sets) found.add(id);
    understood ||= reading.understood;
    if (reading.unmapped !== null) {
      unmapped.set(key, { ...reading.unmapped, text: coding.display ?? concept?.text ?? null });
    }
  }
  return { sets: found, unmapped: [...unmapped.values()], understood };
}
