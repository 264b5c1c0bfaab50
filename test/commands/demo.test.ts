import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HOME } from '../pipeline/gateway.ts';
import { folder } from './command.ts';

let out: string;
beforeAll(async () => {
  out = await folder();
});

/** `npm run demo -- <args>`. */
function demo(...args: string[]) {
  const show = ['--disable-warning=ExperimentalWarning', join(HOME, 'demo', 'show.ts')];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...show, ...args, '--out', out], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

test('the demo ends with a delivery, a research API that a FHIR client reads, and a release with its tables', async () => {
  const { code, stdout, stderr } = demo();
  expect([code, stderr]).toEqual([0, '']);
  const [screening, delivery, api, release] = stdout.split(/^== .*\n/m);
  expect(screening).toMatch(/research records: 1642 resources of 181 consenting people/);
  expect(delivery).toMatch(/│ equal +│ 0 +│ 117 +│/);
  expect(delivery).toContain('the server has: Patient 38, Consent 38, ResearchSubject 38, Procedure 1, Specimen 2\n');
  expect(api).toBe(`\
fhir-kit-client reads /fhir as the registry liver-omics: the service knows 11 types
  Patient: 181
  ResearchSubject: 181
  Specimen: 3
  AdverseEvent: 403, not in its agreement
  $everything of who gave the most specimens: Condition 1, Observation 4, Patient 1, ResearchSubject 1, Specimen 2

`);
  expect(release).toMatch(/^liver-omics-0001: 24 files, people: 181, content [0-9a-f]{12}\n/);
  expect(await readdir(join(out, 'releases', 'liver-omics-0001'))).toEqual(
    expect.arrayContaining(['participants.csv', 'dm.json', 'hca-donor.csv', 'cellxgene-sample.csv', 'manifest.jws']),
  );
}, 180_000);

test('each part alone, again: a server that lost everything gets it anew, a release has the same content', () => {
  const delivery = demo('delivery');
  expect([delivery.code, delivery.stdout]).toEqual([0, expect.stringMatching(/│ missing +│ 117 +│ 0 +│/)]);
  const release = demo('release');
  expect([release.code, release.stdout]).toEqual([0, expect.stringContaining('the same content as release 1')]);
  expect(demo('everything')).toMatchObject({
    code: 2,
    stderr: 'The parts of the demo are screen, delivery, api, release.\n',
  });
}, 120_000);
