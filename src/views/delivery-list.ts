import Table from 'cli-table3';
import type { Verified } from '../delivery/compare.ts';
import { DELIVERY_REFUSALS } from '../delivery/refusal.ts';
import type { DeliveryCount, DeliveryRow } from '../store/outbox-rows.ts';

const PLAIN = { head: [], border: [], compact: true };

/**
 * What stands where, by target, type and state; then what failed, with what to do.
 * @param target one target only; null for all
 */
export function deliveryList(
  counts: readonly DeliveryCount[],
  failed: readonly DeliveryRow[],
  target: string | null,
): string {
  const here = <T extends { target: string }>(rows: readonly T[]) =>
    rows.filter((row) => target === null || row.target === target);
  const all = here(counts);
  if (all.length === 0) return 'Nothing is to be delivered, and nothing was.\n';
  const lines = [
    table(
      ['target', 'type', 'state', 'resources'],
      all.map((row) => [row.target, row.type, row.state, row.count]),
    ),
  ];
  const refused = here(failed);
  if (refused.length > 0) {
    const rows = refused.map((row) => [
      row.target,
      `${row.type}/${row.id}`,
      row.code ?? '',
      row.attempts,
      saying(row.code),
    ]);
    lines.push('', 'Failed', table(['target', 'resource', 'code', 'attempts', 'what to do'], rows));
  }
  return `${lines.join('\n')}\n`;
}

/** What of a person has left, with when it first did, and whether it is there still. */
export function releasedList(rows: readonly DeliveryRow[]): string {
  if (rows.length === 0) return 'Nothing of this subject has left.\n';
  const there = ({ state, remote }: DeliveryRow) =>
    state !== 'done' ? `${state}: not known` : remote === null ? 'taken back' : 'there';
  return `${table(
    ['target', 'resource', 'first released', 'now'],
    rows.map((row) => [row.target, `${row.type}/${row.id}`, row.releasedAt ?? '', there(row)]),
  )}\n`;
}

/** A comparison before and after what was lacking was delivered. */
export function verifiedTable(before: Verified, after: Verified): string {
  const names = Object.keys(before) as (keyof Verified)[];
  return `${table(
    ['compared with the target', 'before', 'after'],
    names.map((name) => [name, before[name], after[name]]),
  )}\n`;
}

function saying(code: string | null): string {
  return Object.entries(DELIVERY_REFUSALS).find(([known]) => known === code)?.[1][2] ?? '';
}

function table(head: string[], rows: (string | number)[][]): string {
  const made = new Table({ head, style: PLAIN });
  made.push(...rows);
  return made.toString();
}
