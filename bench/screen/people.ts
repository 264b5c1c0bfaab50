import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { coagulation } from '../../test/feed/baseline.ts';
import * as b from '../../test/feed/builders.ts';

/** One resource as text, cut wherever a uuid begins: joined with eight hexadecimal digits it is another person's. */
export type LineParts = readonly string[];

/** A person whose resources are copied under other ids; the Patient is the first. */
export type SourcePerson = readonly { type: string; parts: LineParts }[];

/** The first eight digits of a uuid; what follows stays, so a reference and its target are renamed alike. */
const UUID_HEAD = /[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/g;
const OWNER = /"(?:subject|patient)":\{"reference":"Patient\/([0-9a-f-]{36})"/;

/** The people of a bulk export (Synthea) in a folder of NDJSON; none when it is not there. */
export function exportedPeople(folder: string): SourcePerson[] {
  if (!existsSync(folder)) return [];
  const people = new Map<string, { type: string; parts: LineParts }[]>();
  const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
  // Patients first: who has none is left out.
  for (const name of names.sort((x, y) => Number(y.startsWith('Patient')) - Number(x.startsWith('Patient')))) {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    for (const line of lines.filter((one) => one !== '')) {
      const type = /"resourceType":"([A-Za-z]+)"/.exec(line)?.[1];
      if (type === 'Patient') {
        const one = JSON.parse(line) as FhirResource;
        people.set(one.id!, [{ type, parts: JSON.stringify(ownIdentifiers(one, people.size)).split(UUID_HEAD) }]);
      } else if (type) people.get(OWNER.exec(line)?.[1] ?? '')?.push({ type, parts: line.split(UUID_HEAD) });
    }
  }
  return [...people.values()];
}

/** Numbers of cards and offices become uuids: a number that copies shared would be nobody's. */
function ownIdentifiers(person: FhirResource, number: number): object {
  const { identifier = [] } = person as FhirResource & { identifier?: { value?: string }[] };
  const digits = (at: number) => String(number * 100 + at).padStart(12, '0');
  return {
    ...person,
    identifier: identifier.map((one, at) => ({ ...one, value: `00000000-0000-4000-8000-${digits(at)}` })),
  };
}

const STAND_IN = { people: 8, rounds: 200 };

/** Made-up people in place of the exported ones: stays, diagnoses, drugs and operations that no study asks for. */
export function standInPeople(seed: string): SourcePerson[] {
  return Array.from({ length: STAND_IN.people }, (_, at) => {
    const ctx = b.feedContext('ya', at + 1, `${seed}/stand-in`);
    const resources = [b.patient(ctx)];
    for (let n = 0; n < STAND_IN.rounds; n++) {
      const day = `${ctx.random.int(1990, 2024)}-0${ctx.random.int(1, 9)}-1${ctx.random.int(0, 9)}`;
      const stay = b.encounter(ctx, { period: { start: day, end: day } });
      const pain = { code: b.concept(b.snomed('22253000', 'Pain (finding)')), recordedDate: day, encounter: stay };
      resources.push(
        stay,
        b.condition(ctx, pain),
        b.medicationRequest(ctx, { drug: 'Acetaminophen 325 MG Oral Tablet', on: day }),
        b.procedure(ctx, { code: b.concept(b.snomed('430193006', 'Medication reconciliation')), on: day }),
      );
    }
    return resources.map((one) => ({ type: one.resourceType, parts: withUuids(one).split(UUID_HEAD) }));
  });
}

function withUuids(resource: FhirResource): string {
  return JSON.stringify(resource).replace(/ya-[a-z]+-\d{6}(?:-\d+)?|YA-TEST-\d+|000000\d{11}[\dX]/g, (id) => {
    const hex = createHash('sha256').update(id).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  });
}

/** The digits of the copy with this number: a bijection, so no two copies have the same. */
export function copyDigits(number: number): string {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
}

const PANEL: readonly [loinc: string, unit: string, low: number, high: number][] = [
  ['6690-2', '10*9/L', 4, 10],
  ['718-7', 'g/L', 115, 170],
  ['1742-6', 'U/L', 7, 40],
  ['1920-8', 'U/L', 13, 35],
  ['2345-7', 'mmol/L', 4, 6],
  ['2160-0', 'umol/L', 45, 100],
  ['2823-3', 'mmol/L', 3, 5],
  ['2951-2', 'mmol/L', 137, 147],
  ['2085-9', 'mmol/L', 1, 2],
];

/** Ordinary laboratory values of many years; each blood count comes with its platelets, now and then with the clotting. */
export function ordinaryValues(ctx: b.FeedContext, count: number): FhirResource[] {
  const values: FhirResource[] = [];
  while (values.length < count) {
    const on = `20${ctx.random.int(10, 24)}-0${ctx.random.int(1, 9)}-${ctx.random.int(10, 28)}T08:${ctx.random.int(10, 59)}:00+08:00`;
    for (const [loinc, unit, low, high] of PANEL)
      values.push(
        b.observation(ctx, { code: b.concept(b.loinc(loinc)), on, value: b.quantity(ctx.random.int(low, high), unit) }),
      );
    values.push(b.lab(ctx, 'platelets', ctx.random.int(130, 290), { on }));
    if (ctx.random.next() < 0.1) values.push(...coagulation(ctx));
  }
  return values.slice(0, count);
}
