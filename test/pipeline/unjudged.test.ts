import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { ndjson, openTestGateway, runOver } from './gateway.ts';

test('specimens and adverse events are kept, and nothing of them passes before their rules are asked', async () => {
  const gateway = await openTestGateway(':memory:', { research: true });
  const ctx = b.feedContext('ya', 1);
  const meta = { versionId: '1', lastUpdated: '2025-05-29T09:00:00+08:00', source: 'https://ya.example.cn/fhir' };
  const subject = { reference: 'Patient/ya-p-000001' };
  const specimen = {
    resourceType: 'Specimen',
    id: 'blood',
    meta,
    status: 'available',
    subject,
    collection: { collectedDateTime: '2025-05-28T08:00:00+08:00' },
  };
  const event = {
    resourceType: 'AdverseEvent',
    id: 'fever',
    meta,
    actuality: 'actual',
    subject,
    date: '2025-05-28',
  };
  const run = await runOver(gateway, { feed: ndjson([...eligiblePerson(ctx), specimen, event]) });
  expect(run.quarantine).toEqual([]);
  const [kept, passed] = await gateway.store.withTransaction(async (tx) => [
    (await tx.hospital.recordsOf('ya', ['ya-p-000001'])).map(({ type }) => type),
    (await tx.study.researchOf(run.subjects[0]!.id)).map(({ type }) => type),
  ]);
  expect(kept).toEqual(expect.arrayContaining(['AdverseEvent', 'Specimen']));
  expect(passed).toContain('Observation');
  expect(passed.filter((type) => type === 'Specimen' || type === 'AdverseEvent')).toEqual([]);
  await gateway.store.close();
});
