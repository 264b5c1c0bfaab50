import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decide } from '../../src/pipeline/decide.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { screenAll } from '../../src/pipeline/screen.ts';
import { screenPending } from '../../src/pipeline/screen-pending.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Transaction } from '../../src/store/store.ts';
import type { Decision } from '../../src/study/decision.ts';
import type { Told } from '../feed/people.ts';
import { fileOf, parcelsOf } from '../pipeline/delivery.ts';
import { endStateOf, expectSameEnd } from '../pipeline/end-state.ts';
import { folder, NOW, runOver } from '../pipeline/gateway.ts';

/**
 * Holds what a store came to against one run over the same resources by files, with the same decisions in the order of
 * their participant numbers.
 * @param calm a gateway with an empty store and the same keys; it is closed
 */
export async function expectCalmEnd(file: string, calm: Gateway, told: readonly Told[]): Promise<void> {
  const merged = new Set(told.filter(({ person }) => person.aliases.length > 0).map(({ person }) => person.patient));
  const killed: Gateway = { ...calm, store: await openSqliteStore(file) };
  const found = await endStateOf(killed, NOW, merged);
  const enrolled = await killed.store.read(enrolmentsIn);
  await killed.store.close();
  await runOver(calm, { feed: fileOf(told.flatMap(parcelsOf), true) });
  for (const { site, patient, draft } of enrolled) {
    const seen = await calm.store.withTransaction((tx) => versionOf(tx, patient));
    const who = { site: calm.sites.get(site)!, patient };
    expect(await decide(calm, who, { ...draft, seen }, Date.parse(draft.at))).toMatchObject({ ok: true, known: false });
  }
  await screenAll(calm, NOW);
  expectSameEnd(found, await endStateOf(calm, NOW, merged));
  expect((await calm.store.read(enrolmentsIn)).map(numbered)).toEqual(enrolled.map(numbered));
  await calm.store.close();
}

/**
 * Whoever is not screened since the last change is marked so in the store of a process that was killed: in a copy of it,
 * once those are screened, a screening of everybody finds nothing to write.
 */
export async function expectMarked(file: string, calm: Gateway): Promise<void> {
  const copy = join(await folder(), 'copy.sqlite');
  await copyFile(file, copy);
  await copyFile(`${file}-wal`, `${copy}-wal`);
  const gateway: Gateway = { ...calm, store: await openSqliteStore(copy) };
  while ((await screenPending(gateway, NOW, 50)).taken === 50);
  await endStateOf(gateway, NOW, new Set());
  await gateway.store.close();
}

interface Enrolled {
  site: string;
  patient: string;
  number: string;
  draft: Omit<Decision, 'basis'>;
}

const numbered = ({ patient, number }: Enrolled) => [patient, number];

/** Enrolments with their participant numbers, in the order of these. */
async function enrolmentsIn({ hospital, study }: Transaction): Promise<Enrolled[]> {
  const people = new Map((await hospital.enrolments()).map((row) => [row.subject, row]));
  const all: Enrolled[] = [];
  for (const { group, number, subject } of await study.numbers()) {
    const { site, patient } = people.get(subject)!;
    const [row] = await hospital.decisionsOf(site, [patient]);
    const { basis: _, ...draft } = JSON.parse(row!.body) as Decision;
    all.push({ site, patient, number: `${group}-${number}`, draft });
  }
  return all;
}

async function versionOf({ hospital, study }: Transaction, patient: string): Promise<number> {
  const row = (await hospital.enrolments()).find((one) => one.patient === patient)!;
  return (await study.subject(row.subject))!.version;
}
