import type { Gap } from '../tables/input.ts';

const KINDS: Readonly<Record<Gap['kind'], string>> = {
  laboratory: 'for the laboratory to fill in',
  unknown: 'not known',
  rule: 'AGAINST THE RULES',
};

/** What a table lacks, a line for each column, set in below its name. */
export function gapLines(gaps: readonly Gap[]): string[] {
  return gaps.map(
    ({ kind, column, rule, rows }) => `  ${column} ${KINDS[kind]}${kind === 'rule' ? ` (${rule})` : ''}: ${rows}`,
  );
}

/** Whether anything is against the rules of its standard. */
export function breaksRules(files: readonly { gaps?: readonly Gap[] }[]): boolean {
  return files.some(({ gaps = [] }) => gaps.some(({ kind }) => kind === 'rule'));
}
