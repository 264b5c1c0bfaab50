import type { FhirResource } from '../../../src/fhir/resource.ts';
import * as b from '../../feed/builders.ts';
import { samplesOf } from '../samples.ts';

const person = () => b.feedContext('ya', 700, 'bad input');

/** A valid resource of every type that is kept, with the elements that texts may hide in. */
export function resources(): FhirResource[] {
  const [patient, condition, observation, ...others] = samplesOf(person()) as [
    FhirResource,
    FhirResource,
    FhirResource,
  ];
  return [
    {
      ...patient,
      ...PATIENT_MORE,
      meta: { ...patient.meta, tag: [{ system: 'https://x.example/tag', code: 't', display: 'tag' }] },
    },
    { ...condition, ...CONDITION_MORE },
    { ...observation, ...OBSERVATION_MORE },
    ...(others as FhirResource[]),
  ];
}

/** The few whose every text is tried. */
export const wordy = (): FhirResource[] => {
  const wanted = ['Patient', 'Condition', 'Observation', 'Consent', 'Specimen'];
  return resources().filter(({ resourceType }) => wanted.includes(resourceType));
};

const PATIENT_MORE = {
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">text</div>' },
  extension: [{ url: 'https://x.example/ext', valueString: 'text' }],
  address: [{ use: 'home', text: 'text', line: ['text'], city: 'text', postalCode: '000000', country: 'CN' }],
  contact: [{ name: { family: 'text' }, organization: { reference: 'Organization/o-1', display: 'text' } }],
};
const CONDITION_MORE = {
  asserter: { reference: 'Practitioner/d-1', display: 'text' },
  note: [{ authorString: 'text', time: '2025-05-12', text: 'text' }],
  onsetString: 'text',
};
const OBSERVATION_MORE = {
  identifier: [{ system: 'https://ya.example.cn/sid/lab', value: 'O-1' }],
  issued: '2025-05-20T09:30:00.000+08:00',
  method: { coding: [{ system: 'https://x.example/m', version: '1', code: 'm', display: 'text' }], text: 'text' },
  referenceRange: [{ text: 'text' }],
  component: [{ code: { text: 'text' }, valueString: 'text' }],
};

/** A transaction of two that refer to each other by the fullUrls of the Bundle. */
export function transaction(): { resourceType: 'Bundle'; type: string; entry: Record<string, unknown>[] } & Record<
  string,
  unknown
> {
  const ctx = b.feedContext('ya', 701, 'bad input');
  const [patient, condition] = samplesOf(ctx) as [FhirResource, FhirResource];
  const urls = ['urn:uuid:0f9d1c6e-1111-4000-8000-000000000001', 'urn:uuid:0f9d1c6e-1111-4000-8000-000000000002'];
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    timestamp: '2025-05-30T06:00:00.000+08:00',
    entry: [
      { fullUrl: urls[0], resource: patient, request: { method: 'PUT', url: `Patient/${patient.id}` } },
      {
        fullUrl: urls[1],
        resource: { ...condition, subject: { reference: urls[0] } },
        request: { method: 'POST', url: 'Condition', ifNoneExist: 'identifier=https://ya.example.cn/sid/c|C-701' },
      },
    ],
  };
}
