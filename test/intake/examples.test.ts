import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createShapeCheck } from '../../src/fhir/shape/check.ts';
import { listFeed } from '../../src/intake/files.ts';
import { readFeed } from '../../src/intake/read.ts';
import { all, readPaths } from './feeds.ts';

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const shape = createShapeCheck();

/** `file reason expression` of everything refused, by the reader or by the shape. */
async function refusals(path: string): Promise<string[]> {
  const refused: string[] = [];
  for (const item of await readPaths([path])) {
    const faults = item.kind === 'refused' ? [item] : item.kind === 'resource' ? shape.check(item.resource) : [];
    const file = item.place.file.slice(DATA.length);
    refused.push(...faults.map((fault) => `${file} ${fault.reason} ${fault.expression}`));
  }
  return refused;
}

// The published examples are kept beside the project, not in it.
const published = existsSync(DATA) ? test : test.skip;

published('the examples of R4 pass, all but what is no resource to take in', async () => {
  const folder = 'hl7-r4-examples';
  expect(await refusals(DATA + folder)).toEqual([
    `${folder}/Bundle-bundle-response-medsallergies.json bundle-type Bundle.type`,
    `${folder}/Bundle-bundle-response-simplesummary.json bundle-type Bundle.type`,
    `${folder}/Bundle-bundle-response.json bundle-type Bundle.type`,
    // DELETE Patient?identifier=…
    `${folder}/Bundle-bundle-transaction.json method-unsupported Bundle.entry[6].request.url`,
  ]);
});

published('each of the examples yields something', async () => {
  const listing = await listFeed([`${DATA}hl7-r4-examples`]);
  if ('missing' in listing) throw new Error('missing');
  expect(listing.files.length).toBeGreaterThanOrEqual(262);
  for (const file of listing.files)
    expect([file.name, (await all(readFeed([file]))).length > 0]).toEqual([file.name, true]);
});

published('the synthetic patients pass', async () => {
  expect(await refusals(`${DATA}synthea-10`)).toEqual([]);
  expect(await refusals(`${DATA}synthea-bundles`)).toEqual([]);
});
