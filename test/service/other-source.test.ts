import { eachWithService, type TestService } from './service.ts';

let service: TestService;
eachWithService((opened) => {
  service = opened;
});

const THEIRS = 'https://nf.example.cn/fhir';
const bundle = (type: string, resource: object, more: object = {}, head: object = {}) => {
  const entry = [{ resource, request: { method: 'PUT', url: 'Patient/a' }, ...more }];
  return { resourceType: 'Bundle', type, ...head, entry };
};
const PATIENT = { resourceType: 'Patient', id: 'a' };

describe('what lies under the base of another site is refused with the place that says so', () => {
  test.each([
    ['Bundle.entry[0].resource.meta.source', bundle('transaction', { ...PATIENT, meta: { source: THEIRS } })],
    ['Bundle.entry[0].fullUrl', bundle('transaction', PATIENT, { fullUrl: `${THEIRS}/Patient/a` })],
    ['Bundle.meta.source', bundle('transaction', PATIENT, {}, { meta: { source: THEIRS } })],
  ])('%s', async (place, body) => {
    const answer = await service.ask('POST', '/ehr/ya/fhir', body);
    const [issue] = answer.body.issue;
    expect([answer.status, issue.details.coding[0].code, issue.expression]).toEqual([422, 'site-conflict', [place]]);
  });
});
