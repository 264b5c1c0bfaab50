import { type CanonicalCode, canonicalCodes, canonicalSystem, cleanCode } from '../../terminology/code.ts';
import { readQualitative } from '../../terminology/qualitative.ts';
import type { SiteTerminology } from '../../terminology/site.ts';
import type { MapContext, TranslatedCode } from '../map/language.ts';
import type { Terms } from './terms.ts';

/** What maps may ask about texts as if it were a ValueSet: how the words of a result read. */
export const READINGS = {
  'reads-positive': 'positive',
  'reads-negative': 'negative',
  'reads-indeterminate': 'indeterminate',
} as const;

export type Translation = Pick<MapContext, 'translate' | 'memberOf'>;

/** Distinct questions remembered for a site before the memory starts anew. */
const REMEMBERED = 20_000;

/**
 * How codes of one site are translated. A map names the ValueSet that the codes must come to stand in: a code is taken
 * in its one form, with what the site's dictionary makes of it and what the ConceptMaps make of all these, and what is
 * in the ValueSet counts. So nothing outside the ValueSet comes out, and none of what comes out has a display.
 * A bare code is one of the only system of the ValueSet; where that has several it says nothing.
 */
export function translationOf(terms: Terms, site: SiteTerminology): Translation {
  const memory = new Map<string, readonly TranslatedCode[]>();

  function meanings(system: string, code: string): CanonicalCode[] {
    const own = { system: canonicalSystem(system, site), code: cleanCode(code) };
    const local = site.map.translate(own.system, own.code).targets;
    const direct = [own, ...local].flatMap((one) => canonicalCodes(one, site));
    const further = direct.flatMap((one) => terms.conceptMaps.translate(one.system, one.code).targets);
    return [...direct, ...further];
  }

  function translate(system: string | null, code: string, id: string): readonly TranslatedCode[] {
    const key = JSON.stringify([id, system, code]);
    const known = memory.get(key);
    if (known) return known;
    const set = terms.sets.get(id);
    const [only, ...more] = set?.systems ?? [];
    const stated = system ?? (more.length === 0 ? only : undefined);
    const all = stated === undefined ? [] : meanings(stated, code);
    const distinct = new Map(all.map((one) => [`${one.system}|${one.code}`, one]));
    const found = [...distinct.values()].filter((one) => set?.codes.hasCoding(one.system, one.code));
    if (memory.size >= REMEMBERED) memory.clear();
    memory.set(key, found);
    return found;
  }

  return {
    translate,
    memberOf(id, system, code) {
      if (Object.hasOwn(READINGS, id)) {
        return system === null && readQualitative(code) === READINGS[id as keyof typeof READINGS];
      }
      return translate(system, code, id).length > 0;
    },
  };
}
