import { hierarchyCode } from './hierarchy.ts';
import { readIcd10 } from './icd.ts';
import { ICD_10, ICD_10_CM, ICD_10_CN, officialSystem } from './systems.ts';

/** A code in its one form. */
export interface CanonicalCode {
  system: string;
  code: string;
}

/** What of a Coding names its meaning. */
export interface CodeOfSystem {
  system?: string;
  code?: string;
}

/** The Chinese ICD-10 list a site declares its suffixes to be of, and the systems under which it also sends them. */
export interface IcdExtension {
  system: string;
  alsoUnder: ReadonlySet<string>;
}

/** How one hospital names public systems. */
export interface CodeHabits {
  /** Name under which a standard system arrives here → its URI. */
  aliases: ReadonlyMap<string, string>;
  icdExtension: IcdExtension | null;
}

/** A system URI as the study names it: trimmed, the site's aliases applied, then those of the HL7 registry. */
export function canonicalSystem(system: string, site: CodeHabits | null): string {
  const uri = system.normalize('NFKC').trim();
  return officialSystem(site?.aliases.get(uri) ?? uri);
}

/** The text of a code without differences of width and without surrounding space. */
export function cleanCode(code: string): string {
  return code.normalize('NFKC').trim();
}

function readWho(code: string, site: CodeHabits | null): CanonicalCode[] {
  const read = readIcd10(code);
  if (read === null) return [{ system: ICD_10, code }];
  if (read.suffix === 'none') return [{ system: ICD_10, code: read.code }];
  const extension = site?.icdExtension;
  if (!extension?.alsoUnder.has(ICD_10)) return [{ system: ICD_10, code: read.root }];
  const whole = { system: extension.system, code: read.code };
  return [{ system: ICD_10, code: read.suffix === 'chinese' ? read.code : read.root }, whole];
}

function readOne(system: string, code: string, site: CodeHabits | null): CanonicalCode[] {
  if (system === ICD_10) return readWho(code, site);
  const own = { system, code: hierarchyCode(system, code) ?? code };
  const extension = site?.icdExtension;
  if (system === ICD_10_CM && extension?.alsoUnder.has(system)) {
    const read = readIcd10(code);
    if (read?.suffix === 'chinese') return [own, { system: extension.system, code: read.code }];
  }
  return [own];
}

/**
 * Every code a Coding stands for, each in its one form. Nothing without a system or a code.
 *
 * - ICD-10 family: dotted, root in upper case, extension `x` in lower case, dagger and asterisk codes apart
 *   (`B18.103+N08.0*` → both).
 * - Suffixes beyond the fourth character under WHO ICD-10: hospitals send codes of their Chinese list under the WHO URI.
 *   Such lists differ from one another, so a suffix means something only where the site declares its list
 *   (`icdExtension`). There, the code is also read under the Chinese system, and the WHO
 *   reading keeps the suffix: it stands below its root but is not the bare root, which may name more diseases than the
 *   suffix does (K76.807, a liver cyst, is not "K76.8, nothing said"). Elsewhere only the root counts (D18.013 → D18.0).
 * - ICD-9-CM volume 3: dotted. ATC: upper case. All other systems: as they are.
 */
export function canonicalCodes(coding: CodeOfSystem, site: CodeHabits | null): CanonicalCode[] {
  const code = cleanCode(coding.code ?? '');
  const system = canonicalSystem(coding.system ?? '', site);
  if (code === '' || system === '') return [];
  if (system !== ICD_10 && system !== ICD_10_CM && system !== ICD_10_CN) return readOne(system, code, site);
  const parts = code.split('+').map((part) => part.trim());
  return parts.filter((part) => part !== '').flatMap((part) => readOne(system, part, site));
}
