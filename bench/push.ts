// How fast the service takes in what EHRs push: several senders beside one, beside FhirRouter of Medplum, how long until a
// ResearchSubject is written, and what an event costs as people and store grow. docs/performance.md tells what was seen.
// `npm run bench:push -- [--long] [--quick] [--synthea DIR] [--profile DIR] [senders] [beside] [latency] [curve]`
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { beside } from './push/beside.ts';
import { curve } from './push/curve.ts';
import { latency } from './push/latency.ts';
import { machine } from './push/machine.ts';
import { senders } from './push/senders.ts';
import { type BenchService, startBenchService } from './push/service.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    synthea: { type: 'string', default: fileURLToPath(new URL('../../shared/data/synthea-bundles/', import.meta.url)) },
    profile: { type: 'string' },
  },
});
const wanted = (part: string) => positionals.length === 0 || positionals.includes(part);

let people = 0;
const number = () => ++people;
const begun = performance.now();
console.log(`Medians with the least and the greatest of the rounds. ${machine()} at the beginning.`);
for (const [name, part] of Object.entries({
  senders: (service: BenchService, next: () => number) => senders(service, next, values.quick),
  beside: (service: BenchService, next: () => number) => beside(service, next, values.synthea, values.quick),
  latency,
})) {
  if (!wanted(name)) continue;
  console.log(`\n# ${name}`);
  const service = await startBenchService({ profile: values.profile });
  try {
    await part(service, number);
  } finally {
    await service.stop();
  }
}
if (wanted('curve')) {
  console.log('\n# curve');
  await curve(values.long);
}
console.log(`\n${machine()} at the end, after ${((performance.now() - begun) / 1_000).toFixed(0)} s.`);
