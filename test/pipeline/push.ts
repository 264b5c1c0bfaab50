import { readFeed } from '../../src/intake/read.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { type Prepared, prepare, type SignedDecision } from '../../src/pipeline/prepare.ts';
import { type UnitOutcome, type Writable, writeUnit } from '../../src/pipeline/unit.ts';
import { fileOf, type Parcel } from './delivery.ts';

/** What was made ready of some parcels; nothing of it may be refused. */
export async function prepared(gateway: Gateway, parcels: readonly Parcel[]): Promise<Prepared[]> {
  const bytes = async function* () {
    yield Buffer.from(fileOf(parcels, true));
  };
  const all: Prepared[] = [];
  for await (const arrival of readFeed([{ name: 'push', path: '-', bytes: null }], { stdin: bytes() })) {
    const one = await prepare(gateway, null, arrival);
    expect(one.kind).not.toBe('refused');
    all.push(one);
  }
  return all;
}

export const isWritable = (one: Prepared): one is Writable => one.kind === 'change' || one.kind === 'form';

/** Writes parcels as one unit, as a service does with what it is sent. */
export async function push(
  gateway: Gateway,
  parcels: readonly Parcel[],
): Promise<{ outcomes: UnitOutcome[]; decisions: SignedDecision[] }> {
  const all = await prepared(gateway, parcels);
  const outcomes = await gateway.store.withTransaction((tx) => writeUnit(tx, all.filter(isWritable)));
  return { outcomes, decisions: all.filter((one) => one.kind === 'decision') };
}

/** Everybody who is to be screened, as `person` alone, in code-unit order. */
export async function pendingOf(gateway: Gateway): Promise<string[]> {
  const rows = await gateway.store.withTransaction(({ hospital }) => hospital.takePending(1000));
  return rows.map(({ person }) => person).sort();
}
