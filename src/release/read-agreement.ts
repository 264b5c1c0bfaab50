import { contentHash } from '../fhir/canonical.ts';
import { isSafeAddress } from '../study/connection.ts';
import type { StudyFault } from '../study/fault.ts';
import type { SourceFile } from '../study/source.ts';
import type { Agreement, Kind, ResourceTerms } from './agreement.ts';
import { Block } from './block.ts';
import { allow, covers, nothing } from './elements.ts';
import { REQUIRED, WRITTEN } from './required.ts';

/** What an agreement may name. */
export interface Known {
  /** Ids of all sites. */
  sites: readonly string[];
  /** The study's consent purposes, and the one that the use of data needs. */
  purposes: { codes: readonly string[]; ofData: string };
  /** The criteria of the study. */
  criteria: readonly { id: string; exclude: boolean; sensitive: boolean }[];
  /** Kinds of tables that there are. */
  tables: readonly string[];
}

/** The purpose that `abroad: true` asks for. */
const ABROAD = 'abroad';
/** A year back hides the day, and leaves what lasts years to be seen. */
const SHIFT_DAYS = 365;

/** Reads one agreement; every mistake is added to the faults. */
export function readAgreement(source: SourceFile, id: string, known: Known, faults: StudyFault[]): Agreement {
  const block = new Block(source, faults, [], source.value);
  const { codes, ofData } = known.purposes;
  if (block.text('id') !== id) block.fault(['id'], `the id must be the name of the file, ${id}`);
  const abroad = block.flag('abroad');
  if (abroad && !codes.includes(ABROAD)) block.fault(['abroad'], `the study has no purpose "${ABROAD}" of consent`);
  const basis = block.below('legalBasis');
  const legalBasis = { text: basis.text('text'), from: basis.day('from'), until: basis.day('until') };
  if (legalBasis.from > legalBasis.until) basis.fault(['until'], 'it ends before it begins');
  basis.done();
  const purposes = [...new Set([ofData, ...block.list('purpose', codes), ...(abroad ? [ABROAD] : [])])];
  const dates = block.choice('dates', ['exact', 'shifted', 'year']);
  const agreement: Agreement = {
    id,
    registry: block.text('registry'),
    who: block.text('who'),
    approver: block.text('approver'),
    purposes,
    abroad,
    legalBasis,
    sites: block.get('sites') === '*' ? null : new Set(block.list('sites', known.sites)),
    age: block.choice('age', ['years', 'decade', 'none']),
    dates,
    shiftDays: block.count('shiftDays', 30, 3650, SHIFT_DAYS),
    identifiers: block.choice('identifiers', ['own', 'exact']),
    smallestCell: block.count('smallestCell', 1, 1000),
    endpoint: endpointOf(block),
    resources: new Map(),
    criteria: criteriaOf(block, known.criteria),
    tables: block.has('tables') ? [...new Set(block.list('tables', known.tables))].sort() : [],
    hash: contentHash(source.value ?? null),
  };
  if (dates !== 'shifted' && block.has('shiftDays')) block.fault(['shiftDays'], 'only shifted dates are moved');
  const resources = block.below('resources');
  const terms = resources.keys().flatMap((type): [string, ResourceTerms][] => {
    if (!Object.hasOwn(REQUIRED, type)) {
      resources.get(type);
      resources.fault([type], `the study side has no ${type}: known are ${Object.keys(REQUIRED).join(', ')}`);
      return [];
    }
    return [[type, termsOf(resources, type, dates, codes)]];
  });
  if (agreement.criteria.size > 0 && (agreement.tables.length === 0 || !resources.keys().includes('ResearchSubject')))
    block.fault(['criteria'], 'verdicts stand in tables, beside ResearchSubjects: name tables and ResearchSubject too');
  block.done();
  return { ...agreement, resources: new Map(terms) };
}

/** Ids of criteria; without the setting none. */
function criteriaOf(block: Block, known: Known['criteria']): ReadonlySet<string> {
  const named = new Set(block.has('criteria') ? block.list('criteria') : []);
  const fault = (id: string, message: string) => block.fault(['criteria', [...named].indexOf(id)], message);
  for (const id of named) {
    const found = known.find((one) => one.id === id);
    if (!found) fault(id, `there is no such criterion: known are ${known.map((one) => one.id).join(', ')}`);
    else if (found.sensitive)
      fault(id, 'what a sensitive criterion says stays at the hospital: it passes under no agreement');
  }
  for (const { id, exclude } of known.filter(({ sensitive }) => sensitive)) {
    const others = known.filter((one) => !one.sensitive && one.exclude === exclude);
    if (others.length > 0 && others.every((one) => named.has(one.id)))
      block.fault(['criteria'], `beside these only ${id} is left, and who failed it could be told: leave out another`);
  }
  return named;
}

/** A list of elements, or a block with purposes and kinds beside it. */
function termsOf(resources: Block, type: string, dates: Agreement['dates'], codes: readonly string[]): ResourceTerms {
  const short = Array.isArray(resources.get(type));
  const block = short ? resources : resources.below(type);
  const key = short ? type : 'elements';
  const elements = nothing();
  for (const [index, path] of block.list(key).entries()) {
    const wrong = allow(elements, type, path);
    if (wrong) block.fault([key, index], wrong);
  }
  for (const path of REQUIRED[type]!) {
    if (!covers(elements, path))
      block.fault([key], `name ${path} too: without it the rest is no R4, or says something else`);
  }
  for (const path of dates === 'exact' ? [] : [...(WRITTEN[type] ?? []), ...WRITTEN['*']!]) {
    if (covers(elements, path))
      block.fault([key], `${type}.${path} tells when the gateway wrote: it passes with exact dates only`);
  }
  if (short) return { elements, purposes: [], kinds: [] };
  const purposes = block.has('purpose') ? block.list('purpose', codes) : [];
  const given = block.get('kinds') ?? [];
  if (!Array.isArray(given)) block.fault(['kinds'], 'give a list of kinds');
  const kinds = Array.isArray(given) && given.length > 0 ? kindsOf(block.below('kinds'), given, type, codes) : [];
  block.done();
  return { elements, purposes, kinds };
}

function kindsOf(block: Block, given: readonly unknown[], type: string, codes: readonly string[]): Kind[] {
  return given.map((_, index) => {
    const kind = block.at(index);
    const element = kind.text('element');
    const wrong = allow(nothing(), type, element);
    if (wrong || element.includes('.')) kind.fault(['element'], wrong ?? 'name an element of the resource itself');
    const found = { element, system: kind.text('system'), codes: new Set(kind.list('codes')), purpose: '' };
    const purpose = kind.text('purpose');
    if (!codes.includes(purpose)) kind.fault(['purpose'], `there is no such purpose: known are ${codes.join(', ')}`);
    kind.done();
    return { ...found, purpose };
  });
}

function endpointOf(block: Block): string | null {
  const given = block.get('endpoint') ?? null;
  if (given === null) return null;
  if (typeof given === 'string' && isSafeAddress(given)) return given.replace(/\/+$/, '');
  block.fault(['endpoint'], 'give an https address without user, query or fragment (http only on this machine)');
  return null;
}
