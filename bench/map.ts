// How fast resources are mapped: our executor beside bare structureMapTransform of Medplum on the same map and input,
// and the share of a feed's time that the research record takes when one person in a hundred consents.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseMappingLanguage, structureMapTransform, toTypedValue } from '@medplum/core';
import { clockOf } from '../src/commands/clock.ts';
import { openDefinitions, openGateway } from '../src/commands/open.ts';
import type { FhirResource } from '../src/fhir/resource.ts';
import { type FeedFile, listFeed } from '../src/intake/files.ts';
import { readFeed } from '../src/intake/read.ts';
import { screenAll } from '../src/pipeline/screen.ts';
import { takeIn } from '../src/pipeline/take-in.ts';
import { emptyTally } from '../src/pipeline/tally.ts';
import { execute } from '../src/research/map/execute.ts';
import { loadMaps } from '../src/research/map/load.ts';
import { researchCounts } from '../src/views/research-counts.ts';
import { ratios, spread, timed } from './rounds.ts';

const HOME = join(import.meta.dirname, '..');
const ROUNDS = 7;

const TEXT = `map "https://study-gateway.example/StructureMap/Bench" = "Bench"

uses "http://hl7.org/fhir/StructureDefinition/Observation" alias Source as source
uses "http://hl7.org/fhir/StructureDefinition/Observation" alias Target as target

group Observation(source src : Source, target tgt : Target) {
  src.status as s -> tgt.status = s "status";
  src.category as c -> tgt.category as t then Concept(c, t) "category";
  src.code as c -> tgt.code as t then Concept(c, t) "code";
  src.issued as i -> tgt.issued = i "issued";
}

group Concept(source src : CodeableConcept, target tgt : CodeableConcept) {
  src.coding as c -> tgt.coding as t then Coding(c, t) "coding";
}

group Coding(source src : Coding, target tgt : Coding) {
  src.system as s -> tgt.system = s "system";
  src.code as c -> tgt.code = c "code";
}
`;

const resources = demoResources();
const observations = resources.filter(({ resourceType }) => resourceType === 'Observation').slice(0, 500);
await executors();
await share();

/** Our executor and Medplum's, the same map, the same Observations. */
async function executors(): Promise<void> {
  const loaded = loadMaps([{ file: 'bench.map', text: TEXT }], {
    pseudonyms: {},
    conceptMaps: new Set(),
    valueSets: new Set(),
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const url = 'https://study-gateway.example/StructureMap/Bench';
  const context = { pseudonym: () => null, translate: () => [], memberOf: () => false };
  const structureMap = parseMappingLanguage(TEXT);
  const [ours, theirs] = await timed(
    {
      'our executor': () => observations.forEach((one) => void execute(loaded.value, url, one, context)),
      structureMapTransform: () =>
        observations.forEach((one) => void structureMapTransform(structureMap, [toTypedValue(one)])),
    },
    ROUNDS,
  );
  const perResource = (rounds: readonly number[]) => rounds.map((ms) => (ms * 1000) / observations.length);
  console.log(`map, ${observations.length} Observations, ${ROUNDS} rounds, µs a resource, median (min–max):`);
  console.log(`  our executor            ${spread(perResource(ours!.rounds))}`);
  console.log(`  structureMapTransform   ${spread(perResource(theirs!.rounds))}`);
  console.log(`  ratio, round by round   ${spread(ratios(theirs!, ours!))} ×`);
}

/** What one consenting person in a hundred costs beside taking in and screening everybody. */
async function share(): Promise<void> {
  const definitions = await openDefinitions({ study: 'nct07265544', sites: join(HOME, 'sites') });
  const now = clockOf('2025-06-01', definitions.loaded.study.timezone, 0);
  const files = await listFeed([join(HOME, 'demo', 'feed')]);
  if ('missing' in files) throw new Error('the demo feed is missing');
  const people = { all: 0, consenting: 0 };

  async function run(withResearch: boolean): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-map-'));
    const gateway = await openGateway(definitions, { store: join(folder, 'store.sqlite') });
    const { research, ...bare } = gateway;
    const used = withResearch && research ? gateway : bare;
    const feed = readFeed((files as { files: FeedFile[] }).files);
    await takeIn(used, null, feed, emptyTally(), () => {});
    people.all = 0;
    await screenAll(used, now, { person: () => people.all++ });
    if (withResearch) people.consenting = (await researchCounts(gateway.store)).people;
    await gateway.store.close();
    await rm(folder, { recursive: true });
  }

  const [screened, mapped] = await timed({ screened: () => run(false), mapped: () => run(true) }, 3);
  const shares = mapped!.rounds.map((ms, round) => {
    const perPerson = (ms - screened!.rounds[round]!) / people.consenting;
    const hundredth = perPerson * people.all * 0.01;
    return (100 * hundredth) / (screened!.rounds[round]! + hundredth);
  });
  console.log(
    `\nscreening the demo feed (${people.all} people) without research records, ms: ${spread(screened!.rounds, 0)}`,
  );
  console.log(`with those of all ${people.consenting} consenting people: ${spread(mapped!.rounds, 0)}`);
  console.log(`share of the time that research records take when 1 % of people consent: ${spread(shares)} %`);
}

function demoResources(): FhirResource[] {
  const folder = join(HOME, 'demo', 'feed');
  return readdirSync(folder).flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
    return text.split('\n').flatMap((line) => {
      try {
        const value = JSON.parse(line) as FhirResource;
        return value.resourceType && value.resourceType !== 'Bundle' && value.id ? [value] : [];
      } catch {
        return [];
      }
    });
  });
}
