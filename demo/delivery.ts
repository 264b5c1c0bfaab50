import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../src/cli.ts';
import { openFhirServer } from './fhir-server.ts';

/** A repository in memory searches from one end to the other: one hospital, and the types that are few, are quick. */
const TYPES = ['Patient', 'Consent', 'ResearchSubject', 'Procedure', 'Specimen'];
const SITE = 'ya';

/** Delivers what the store of the demo has of one hospital to a FHIR server in this process. @returns the exit code */
export async function showDelivery(out: string): Promise<number> {
  const server = await openFhirServer(TYPES);
  try {
    const targets = join(out, 'targets');
    await mkdir(targets, { recursive: true });
    const target = `base: ${server.url}\nside: study\nsites: [${SITE}]\ntypes: [${TYPES.join(', ')}]\nwithdrawal: delete`;
    await writeFile(join(targets, 'hub.yaml'), `id: hub\n${target}\nauth: { kind: none }\n`);
    const store = join(out, 'study-gateway.sqlite');
    const code = await run(['delivery', 'verify', 'hub', '--store', store, '--targets', targets]);
    const counts: string[] = [];
    for (const type of TYPES) counts.push(`${type} ${await server.count(type)}`);
    process.stdout.write(`the server has: ${counts.join(', ')}\n`);
    return code;
  } finally {
    await server.close();
  }
}
