import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { createInterface } from 'node:readline';
import { eachWithService, type TestService } from './service.ts';

let service: TestService;
eachWithService((opened) => {
  service = opened;
});

const patient = (id: string) => `${JSON.stringify({ resourceType: 'Patient', id })}\n`;

test('a sender that waits for an answer gets it before it goes on', async () => {
  const asked: ClientRequest = request(`${service.url}/ehr/ya/fhir`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await service.token('ya')}`, 'content-type': 'application/fhir+ndjson' },
  });
  const said = async (): Promise<string> => JSON.parse((await answers.next()).value ?? '').issue[0].diagnostics;
  asked.write(patient('a'));
  const [answer] = await once(asked, 'response');
  const answers = createInterface({ input: answer })[Symbol.asyncIterator]();
  expect(await said()).toBe('line 1: 201 Patient/a');
  asked.write(patient('b') + patient('c'));
  expect([await said(), await said()]).toEqual(['line 2: 201 Patient/b', 'line 3: 201 Patient/c']);
  asked.end(patient('d'));
  expect(await said()).toBe('line 4: 201 Patient/d');
  expect((await answers.next()).done).toBe(true);
});
