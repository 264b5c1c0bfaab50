// How fast a bulk export is beside reading the same rows from the store and writing them as they are, and how much
// memory it takes while it goes on. The registry's lens is that of the example agreement, with everything granted.
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FhirResource } from '../src/fhir/resource.ts';
import { keyedHash } from '../src/identity/keyed-hash.ts';
import { registryKeyring } from '../src/identity/registry-keys.ts';
import type { RegistryDesk } from '../src/registry/desk.ts';
import { exportFile } from '../src/registry/export/file.ts';
import type { ExportPlan } from '../src/registry/export/plan.ts';
import { makeExport } from '../src/registry/export/segment.ts';
import { createLens, type Granted } from '../src/release/lens.ts';
import { loadAgreements } from '../src/release/load.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import type { Store } from '../src/store/store.ts';
import { ratios, spread, timed } from './rounds.ts';

const RESOURCES = Number(process.argv[2] ?? 200_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const PER_SUBJECT = 200;
const AT = '2025-06-01T00:00:00.000Z';
const MIB = 1024 * 1024;
const KEY = Buffer.alloc(32, 1);
const SITE = 'ya';
const CRITERIA = ['I3', 'I4'].map((id) => ({ id, exclude: false, sensitive: false }));

const lens = await exampleLens();
const folder = await mkdtemp(join(tmpdir(), 'bench-export-'));
const store = await openSqliteStore(join(folder, 'store.sqlite'));
const desk: RegistryDesk = {
  store,
  clock: () => Date.parse('2025-06-02T00:00:00.000Z'),
  study: { id: 's', title: 'A study', arms: [], timezone: 'Asia/Shanghai' },
  sites: [],
  base: 'http://127.0.0.1/fhir',
};
let count = 0;

try {
  await fill(store);
  const resident: number[] = [];
  const sampler = setInterval(() => resident.push(process.memoryUsage.rss() / MIB), 100);
  const spent = { copy: [] as Spent[], export: [] as Spent[] };
  const [copied, exported] = await timed(
    {
      'read and write': async () => spent.copy.push(await spentBy(copy)),
      export: async () => spent.export.push(await spentBy(() => exportAll(`e${count++}`))),
    },
    ROUNDS,
  );
  clearInterval(sampler);
  const bytes = (await stat(join(folder, 'copy.ndjson'))).size;
  const given = (await stat(exportFile(folder, 'e0', 2))).size;
  const rate = (rounds: readonly number[]) => rounds.map((ms) => (bytes / MIB / ms) * 1_000);
  const sizes = [bytes, given].map((size) => (size / MIB).toFixed(0));
  console.log(`${RESOURCES} resources, ${sizes[0]} MiB of NDJSON in the store, ${sizes[1]} MiB as the registry has it`);
  console.log(`reading the rows and writing them: ${spread(rate(copied!.rounds), 1)} MiB/s of the store`);
  console.log(`export:                            ${spread(rate(exported!.rounds), 1)} MiB/s of the store`);
  console.log(`export beside that: ${spread(ratios(copied!, exported!))} ×`);
  for (const [name, rounds] of Object.entries(spent)) {
    const [all, main] = [rounds.map((one) => one.all), rounds.map((one) => one.main)];
    console.log(`processor, µs a resource, ${name}: ${spread(all, 1)}, of which the main thread ${spread(main, 1)}`);
  }
  console.log(
    `resident memory of the process: ${spread(resident, 0)} MiB, first ${resident[0]!.toFixed(0)}, last ${resident.at(-1)!.toFixed(0)}`,
  );
  console.log(`Medians of ${ROUNDS} rounds, with the least and the greatest.`);
} finally {
  await store.close();
  await rm(folder, { recursive: true });
}

/** Time of the processor, µs a resource: of all threads, and of the main one. */
interface Spent {
  all: number;
  main: number;
}

async function spentBy(work: () => Promise<void>): Promise<Spent> {
  const before = { all: process.cpuUsage(), main: process.threadCpuUsage() };
  await work();
  const of = ({ user, system }: NodeJS.CpuUsage) => (user + system) / RESOURCES;
  const main = process.threadCpuUsage();
  const { all, main: begun } = before;
  return { all: of(process.cpuUsage(all)), main: of(main) - of(begun) };
}

/** What a registry really gets: its ids by FF1, dates and elements as agreed. */
async function exampleLens() {
  const purposes = { codes: ['data', 'blood', 'tissue', 'omics', 'abroad'], ofData: 'data' };
  const known = { sites: [SITE], purposes, criteria: CRITERIA, tables: ['csv', 'ndjson', 'dataset-json', 'hca'] };
  const agreements = await loadAgreements(join(import.meta.dirname, '..', 'agreements'), known);
  const agreement = agreements.ok ? agreements.value.get('liver-omics') : undefined;
  if (!agreement) throw new Error('The example agreement does not load.');
  const everything: Granted = new Map(purposes.codes.map((purpose) => [purpose, Infinity]));
  const subjects = Array.from({ length: Math.ceil(RESOURCES / PER_SUBJECT) }, (_, n) => subjectId(n));
  return createLens({
    agreement,
    keys: registryKeyring(KEY, 's').of(agreement.registry),
    study: 's',
    granted: new Map(subjects.map((subject) => [subject, everything])),
    now: Date.parse(AT),
  });
}

function subjectId(n: number): string {
  return keyedHash(KEY, 'subject', String(n));
}

/** Observations as the research record has them, each subject's together, and a Provenance that tells the site. */
async function fill(into: Store): Promise<void> {
  for (let from = 0; from < RESOURCES; from += 2_000)
    await into.withTransaction(async ({ study }) => {
      for (let n = from; n < Math.min(from + 2_000, RESOURCES); n++) {
        const subject = subjectId(Math.floor(n / PER_SUBJECT));
        const id = keyedHash(KEY, 'observation', String(n));
        const row = { type: 'Observation', id, subject, version: 1, lastUpdated: AT, deleted: false };
        await study.putResearch({ ...row, body: JSON.stringify(observation(id, subject, n)) });
        if (n % PER_SUBJECT > 0) continue;
        const agent = [{ who: { identifier: { system: 'https://study-gateway.example/sid/gateway', value: SITE } } }];
        const body = JSON.stringify({ resourceType: 'Provenance', id: subject, agent });
        await study.putResearch({ ...row, type: 'Provenance', id: subject, body });
      }
    });
}

function observation(id: string, subject: string, n: number): FhirResource {
  const category = { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' };
  const unit = { system: 'http://unitsofmeasure.org', code: 'U/L' };
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [{ coding: [category] }],
    code: { coding: [{ system: 'http://loinc.org', code: '1742-6' }] },
    subject: { reference: `Patient/${subject}` },
    effectiveDateTime: '2025-05-30T08:00:00+08:00',
    issued: '2025-05-30T16:00:00+08:00',
    valueQuantity: { value: n % 300, ...unit },
    referenceRange: [{ low: { value: 7, ...unit }, high: { value: 40, ...unit } }],
    specimen: { reference: `Specimen/${subject}` },
  };
}

/** What the export is measured against: the same pages, written as they are. */
async function copy(): Promise<void> {
  const handle = await open(join(folder, 'copy.ndjson'), 'w', 0o600);
  for (let after: string | null = ''; after !== null; ) {
    const from: string = after;
    const rows = await store.read(({ study }) => study.standingAfter('Observation', AT, from, 500));
    await handle.appendFile(`${rows.map(({ body }) => body).join('\n')}\n`);
    after = rows.length < 500 ? null : rows.at(-1)!.id;
  }
  await handle.sync();
  await handle.close();
}

async function exportAll(id: string): Promise<void> {
  const plan: ExportPlan = {
    ...{ request: '', group: null, patients: null, types: ['Observation'], at: AT, since: null, until: null },
    ...{ filters: {}, elements: null, ignored: [] },
  };
  const row = {
    ...{ id, client: 'c', registry: lens.registry, plan: JSON.stringify(plan), state: 'waiting' as const, code: null },
    ...{ at: AT, mark: null, resources: 0, expiresAt: null },
  };
  await store.withTransaction(({ study }) => study.addExport(row));
  const { signal } = new AbortController();
  await makeExport(
    {
      desk,
      lens,
      lensAt: async () => null,
      folder,
      keep: 1,
      signal,
      fileRows: RESOURCES + 1,
    },
    row,
  );
}
