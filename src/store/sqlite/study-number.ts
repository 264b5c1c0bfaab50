import type { DatabaseSync } from 'node:sqlite';
import type { NumberRow } from '../research-rows.ts';
import type { StudyTables } from '../store.ts';

const COLUMNS = 'group_code, number, subject, at, void_reason, voided_at';

export const SQL_NUMBER_OF = `SELECT group_code, number FROM study_number WHERE subject = ? AND voided_at IS NULL`;
// The ledger is the counter: no row is ever deleted, so the highest number is the last one given. The transaction
// holds the only write lock.
export const SQL_NUMBER_TAKE = `
  INSERT INTO study_number (group_code, number, subject, at)
  SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3 FROM study_number WHERE group_code = ?1
  RETURNING number`;
export const SQL_NUMBER_VOID = `
  UPDATE study_number SET void_reason = ?, voided_at = ? WHERE group_code = ? AND number = ? AND voided_at IS NULL`;
export const SQL_NUMBERS = `SELECT ${COLUMNS} FROM study_number ORDER BY group_code, number`;

interface NumberColumns {
  group_code: string;
  number: number;
  subject: string;
  at: string;
  void_reason: string | null;
  voided_at: string | null;
}

function toNumber(row: NumberColumns): NumberRow {
  const { void_reason: reason, voided_at: at } = row;
  return {
    group: row.group_code,
    number: row.number,
    subject: row.subject,
    at: row.at,
    voided: reason === null || at === null ? null : { reason, at },
  };
}

type NumberTables = Pick<StudyTables, 'takeNumber' | 'voidNumber' | 'numberOf' | 'numbers'>;

/** Participant numbers: one counter per group over all sites, without gap or reuse. */
export function numberTables(db: DatabaseSync): NumberTables {
  const numberOf = db.prepare(SQL_NUMBER_OF);
  const take = db.prepare(SQL_NUMBER_TAKE);
  const voidNumber = db.prepare(SQL_NUMBER_VOID);
  const numbers = db.prepare(SQL_NUMBERS);

  function held(subject: string): { group: string; number: number } | null {
    const row = numberOf.get(subject) as unknown as { group_code: string; number: number } | undefined;
    return row === undefined ? null : { group: row.group_code, number: row.number };
  }

  return {
    async takeNumber(group, subject, at) {
      const known = held(subject);
      if (known?.group === group) return known.number;
      if (known) throw new Error('The subject holds a number of another group: void that one first.');
      return (take.get(group, subject, at) as unknown as { number: number }).number;
    },
    async voidNumber(group, number, reason, at) {
      const { changes } = voidNumber.run(reason, at, group, number);
      if (changes !== 1) throw new Error('The participant number was never given, or is void already.');
    },
    async numberOf(subject) {
      return held(subject);
    },
    async numbers() {
      return (numbers.all() as unknown as NumberColumns[]).map(toNumber);
    },
  };
}
