import { clustersAt } from '../../src/pipeline/clusters.ts';
import { readPerson } from '../../src/pipeline/person.ts';
import { speaksOfDisease } from '../../src/pipeline/speaking.ts';
import { stateOf } from '../../src/pipeline/state.ts';
import { tellAll } from '../feed/people.ts';
import { fileOf, parcelsOf } from './delivery.ts';
import { NOW, openTestGateway, runOver } from './gateway.ts';

test('of whom nothing kept may be evidence, no expression finds any; and hardly anybody else is looked at', async () => {
  const gateway = await openTestGateway();
  const told = tellAll('speaking', true);
  await runOver(gateway, { feed: fileOf(told.flatMap(parcelsOf), false) });
  let [silent, speaking, found] = [0, 0, 0];
  await gateway.store.withTransaction(async (tx) => {
    for (const { person } of told) {
      const site = gateway.sites.get(person.site)!;
      const clusters = await clustersAt(tx.hospital, site.id);
      const cluster = clusters.of(person.patient.slice('Patient/'.length));
      const read = await readPerson(tx.hospital, clusters, site.id, cluster);
      const { facts } = (await stateOf(gateway, tx, site, { ...read, decisions: [] }, NOW)).assessment;
      const finds = facts.diseaseEvidence || facts.rootOnly;
      if (speaksOfDisease(gateway, site, { ...read, decisions: [] })) speaking++;
      else {
        silent++;
        expect([person.story, finds]).toEqual([person.story, false]);
      }
      if (finds) found++;
    }
  });
  expect(silent).toBeGreaterThan(0);
  expect(found).toBeGreaterThan(200);
  expect(speaking - found).toBeLessThan(15);
  await gateway.store.close();
}, 120_000);
