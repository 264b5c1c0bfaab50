// The same criteria carried out by cql-execution on cql-exec-fhir, person by person. `node cql.ts FIRST_PEOPLE PEOPLE`
// Kind to it: its ELM is written by hand and short; reading and preparations are not counted.

import cqlFhir from 'cql-exec-fhir';
import { Executor, Library, Repository } from 'cql-execution';
import { CRITERIA, Sum } from './criteria.ts';
import { criteriaLibrary } from './elm.ts';
import { firstPeople } from './first.ts';

const library = new Library(criteriaLibrary(), new Repository([]));
const executor = new Executor(library);
const source = cqlFhir.PatientSource.FHIRv401();
const sum = new Sum();
let milliseconds = 0;

for await (const lines of firstPeople(process.argv[2]!, Number(process.argv[3]))) {
  const begun = performance.now();
  const entry = lines.map((line) => ({ resource: JSON.parse(line) }));
  source.loadBundles([{ resourceType: 'Bundle', type: 'collection', entry }]);
  const { patientResults } = await executor.exec(source);
  milliseconds += performance.now() - begun;
  for (const answers of Object.values(patientResults as Record<string, Record<string, unknown>>))
    sum.add(CRITERIA.map(({ name }) => answers[name] === true));
  source.reset();
}
console.log(JSON.stringify({ milliseconds, expressions: CRITERIA.length, ...sum }));
