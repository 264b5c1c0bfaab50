import { join } from 'node:path';
import { loadForms } from '../../src/forms/load.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { HOME, ndjson, openTestGateway, rowOf, runOver } from './gateway.ts';

const PATIENT = 'Patient/ya-p-000001';
const FORM = 'https://ncct.example.cn/NFEC-2023-207/Questionnaire/consent';

let gateway: Gateway;
beforeEach(async () => {
  const bare = await openTestGateway();
  const forms = await loadForms(join(HOME, 'studies', 'nct07265544'), bare.loaded.study);
  if (!forms.ok) throw new Error(JSON.stringify(forms.faults));
  gateway = { ...bare, forms: forms.value };
});
afterEach(() => gateway.store.close());

/** The registration of a paper consent, as a response to the consent form. */
function response(status: string, version: string, signed: string) {
  const form = [...gateway.forms!.values()].find(({ id }) => id?.includes('consent'))!;
  const coding = (linkId: string, code: string) => {
    const item = form.item!.find((one) => one.linkId === linkId)!;
    return item.answerOption!.map(({ valueCoding }) => valueCoding!).find((one) => one.code === code)!;
  };
  return {
    resourceType: 'QuestionnaireResponse',
    id: 'paper-1',
    meta: {
      versionId: version,
      lastUpdated: `2025-05-2${version}T09:00:00+08:00`,
      source: 'https://ya.example.cn/fhir',
    },
    questionnaire: form.url ?? FORM,
    status,
    subject: { reference: PATIENT },
    authored: '2025-05-30T09:00:00+08:00',
    author: { reference: 'Practitioner/wang' },
    item: [
      { linkId: 'signed', answer: [{ valueDateTime: signed }] },
      { linkId: 'version', answer: [{ valueCoding: coding('version', 'v3.0') }] },
      { linkId: 'signer', answer: [{ valueCoding: coding('signer', 'Patient') }] },
      { linkId: 'decision', answer: [{ valueCoding: coding('decision', 'permit') }] },
      {
        linkId: 'purpose',
        answer: ['data', 'blood', 'tissue', 'omics'].map((code) => ({ valueCoding: coding('purpose', code) })),
      },
      { linkId: 'scan', answer: [{ valueString: 'a'.repeat(64) }] },
    ],
  };
}

test('a paper consent that comes as a form makes a screening person eligible; counted as one; twice is once', async () => {
  const people = eligiblePerson(b.feedContext('ya', 1), { consents: [] });
  const before = await runOver(gateway, { feed: ndjson(people) });
  expect(rowOf(before, PATIENT).status).toBe('screening');
  const run = await runOver(gateway, { feed: ndjson([response('completed', '1', '2025-05-20T10:00:00+08:00')]) });
  expect(run.quarantine).toEqual([]);
  expect(run.tally).toMatchObject({ read: 1, accepted: 1 });
  expect(rowOf(run, PATIENT).status).toBe('eligible');
  const again = await runOver(gateway, { feed: ndjson([response('completed', '1', '2025-05-20T10:00:00+08:00')]) });
  expect(again.subjects).toEqual(run.subjects);
});

test('a response entered in error takes its consent back, and a bad one is set aside', async () => {
  const people = eligiblePerson(b.feedContext('ya', 1), { consents: [] });
  await runOver(gateway, { feed: ndjson([...people, response('completed', '1', '2025-05-20T10:00:00+08:00')]) });
  const run = await runOver(gateway, {
    feed: ndjson([response('entered-in-error', '2', '2025-05-20T10:00:00+08:00')]),
  });
  expect(rowOf(run, PATIENT).status).toBe('screening');
  const { item: _, ...empty } = { ...response('completed', '1', '2025-05-20'), id: 'paper-2' };
  const bad = await runOver(gateway, { feed: ndjson([empty]) });
  expect(bad.quarantine.map(({ reason }) => reason)).toEqual(['form-refused']);
});
