import type { HospitalTables, StudyTables, Transaction } from '../store/store.ts';

interface Tables {
  hospital: HospitalTables;
  study: StudyTables;
}

/** The same transaction, with other methods in place of some of one side. */
export function overlaid<Side extends keyof Tables>(
  tx: Transaction,
  side: Side,
  methods: Partial<Tables[Side]>,
): Transaction {
  return like(tx, { [side]: like(tx[side], methods) });
}

/** A copy with the same prototype: the many methods stand there, so little is copied. */
function like<T extends object>(one: T, others: object): T {
  return Object.assign(Object.create(Object.getPrototypeOf(one)), one, others);
}
