import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registryKeyring } from '../../src/identity/registry-keys.ts';
import type { Agreement } from '../../src/release/agreement.ts';
import { createLens, type Granted, type LensParts } from '../../src/release/lens.ts';
import { readAgreement } from '../../src/release/read-agreement.ts';
import type { StudyFault } from '../../src/study/fault.ts';
import { parseSource } from '../../src/study/source.ts';
import { TABLE_FORMATS } from '../../src/tables/input.ts';

export const HOME = join(import.meta.dirname, '..', '..');
export const EXAMPLE = readFileSync(join(HOME, 'agreements', 'liver-omics.yaml'), 'utf8');
export const PURPOSES = ['data', 'blood', 'tissue', 'omics', 'abroad'];
export const KNOWN = {
  sites: ['bf', 'gz', 'nf', 'ya', 'zn'],
  purposes: { codes: PURPOSES, ofData: 'data' },
  criteria: ['I1', 'I3', 'I4', 'E1', 'E2', 'E3'].map((id) => ({
    ...{ id, exclude: id.startsWith('E'), sensitive: id === 'E1' },
  })),
  tables: TABLE_FORMATS,
};
export const NOW = Date.parse('2025-06-01T12:00:00+08:00');

/** Reads a text as `agreements/<id>.yaml`. */
export function read(text: string, id = 'liver-omics'): { agreement: Agreement; faults: StudyFault[] } {
  const parsed = parseSource(`${id}.yaml`, text);
  const faults = [...parsed.faults];
  return { agreement: readAgreement(parsed.file, id, KNOWN, faults), faults };
}

export interface Terms {
  resources: Record<string, unknown>;
  [setting: string]: unknown;
}

/** An agreement on nothing but what is given: exact, everywhere, for the use of data. */
export function agreementOn(terms: Terms): Agreement {
  const usual = {
    id: 'some',
    registry: 'some',
    who: 'Somebody',
    approver: 'dr.wang',
    purpose: [],
    abroad: false,
    legalBasis: { text: 'agreed', from: '2025-01-01', until: '2025-12-31' },
    sites: '*',
    age: 'none',
    dates: 'exact',
    identifiers: 'exact',
    smallestCell: 1,
  };
  const { agreement, faults } = read(JSON.stringify({ ...usual, ...terms }), String(terms.id ?? 'some'));
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return agreement;
}

/** Keys that are the same in every run. */
export const KEYRING = registryKeyring(createHash('sha256').update('registries').digest(), 'nct07265544');

export const SUBJECT = { id: 'subject'.padEnd(26, 'a'), site: 'ya' };
export const ALL: Granted = new Map(PURPOSES.map((purpose) => [purpose, Infinity]));

/** A lens for one person who has granted everything, unless said. */
export function lensOf(agreement: Agreement, changed: Partial<LensParts> & { grants?: Granted } = {}) {
  const { grants = ALL, ...parts } = changed;
  return createLens({
    agreement,
    keys: KEYRING.of(agreement.registry),
    study: 'nct07265544',
    granted: new Map([[SUBJECT.id, grants]]),
    now: NOW,
    ...parts,
  });
}

/** An id of ours. */
export const idOf = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z2-7]/g, '')
    .padEnd(26, 'x')
    .slice(0, 26);
