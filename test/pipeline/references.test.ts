import fc from 'fast-check';
import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { pointToPatient, rewriteReferences } from '../feed/references.ts';
import { ndjson, openTestGateway, runOver } from './gateway.ts';

const UUID = 'urn:uuid:6f0f3c0a-5a52-4c43-9d0e-0f6f4f0f7a11';

/** Every form in which a resource may name its patient. */
const FORMS = {
  relative: (ctx: b.FeedContext) => ({ reference: `Patient/${ctx.patientId}` }),
  absolute: (ctx: b.FeedContext) => ({ reference: `${ctx.site.fhirBase}/Patient/${ctx.patientId}` }),
  versioned: (ctx: b.FeedContext) => ({ reference: `Patient/${ctx.patientId}/_history/7` }),
  'urn:uuid': () => ({ reference: UUID }),
  conditional: (ctx: b.FeedContext) => ({ reference: `Patient?identifier=${b.mrn(ctx).system}|${b.mrn(ctx).value}` }),
  identifier: (ctx: b.FeedContext) => ({ type: 'Patient', identifier: b.mrn(ctx) }),
  contained: () => ({ reference: '#whose' }),
} satisfies Record<string, (ctx: b.FeedContext) => r4.Reference>;
type Form = keyof typeof FORMS;

function pointed(ctx: b.FeedContext, resource: FhirResource, form: Form): FhirResource {
  const [moved] = pointToPatient(ctx, [resource], FORMS[form](ctx));
  if (form !== 'contained') return moved!;
  return { ...moved!, contained: [{ resourceType: 'Patient', id: 'whose', identifier: [b.mrn(ctx)] }] };
}

async function endOf(files: Record<string, string>) {
  const gateway = await openTestGateway();
  const run = await runOver(gateway, files);
  await gateway.store.close();
  return { rows: run.rows, quarantine: run.quarantine, counted: [...run.screening.counted] };
}

test('each resource may name its patient in any form, before or after the patient comes: the same person', async () => {
  const ctx = b.feedContext('ya', 1, 'references');
  const [patient, ...rest] = eligiblePerson(ctx);
  const plain = await endOf({ feed: ndjson([patient!, ...rest]) });
  expect(plain.rows.map(({ status }) => status)).toEqual(['eligible']);
  const forms = fc.tuple(...rest.map(() => fc.constantFrom(...(Object.keys(FORMS) as Form[]))), fc.boolean());
  await fc.assert(
    fc.asyncProperty(forms, async (drawn) => {
      const patientFirst = drawn.at(-1) as boolean;
      const moved = rest.map((each, at) => {
        const form = drawn[at] as Form;
        // A signature is asked from a reference of its own: who signed is not read from a contained Patient.
        return { each, form: each.resourceType === 'Consent' && form === 'contained' ? 'identifier' : form };
      });
      const inBundle = moved
        .filter(({ form }) => form === 'urn:uuid')
        .map(({ each }) => pointed(ctx, each, 'urn:uuid'));
      const outside = moved.filter(({ form }) => form !== 'urn:uuid').map(({ each, form }) => pointed(ctx, each, form));
      const entry = [{ fullUrl: UUID, resource: patient }, ...inBundle.map((resource) => ({ resource }))];
      const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry });
      const lines = ndjson(outside);
      const files = patientFirst ? { a: bundle, b: lines } : { a: lines, b: bundle };
      expect(await endOf(files)).toEqual(plain);
    }),
    { numRuns: 25, seed: 7 },
  );
}, 240_000);

test('a urn:uuid of a patient that another Bundle brought still leads to the patient', async () => {
  const ctx = b.feedContext('ya', 1, 'references');
  const [patient, ...rest] = eligiblePerson(ctx);
  const bundle = (entry: object[]) => JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry });
  const files = {
    a: bundle(rest.map((each) => ({ resource: pointed(ctx, each, 'urn:uuid') }))),
    b: bundle([{ fullUrl: UUID, resource: patient }]),
  };
  expect((await endOf(files)).rows.map(({ status }) => status)).toEqual(['eligible']);
});

test.each([
  ['another server', { reference: 'https://elsewhere.example.org/fhir/Patient/ya-p-000001' }, 'subject-foreign'],
  ['nothing readable', { reference: 'patient-in-bed-3' }, 'subject-unresolvable'],
  ['a contained patient that is not there', { reference: '#nobody' }, 'subject-unresolvable'],
  ['a Group', { reference: 'Group/ya-p-000001' }, 'subject-not-patient'],
  ['only a display', { display: 'somebody' }, 'subject-unresolvable'],
] as const)('a reference to %s is refused by its reason', async (_, target, reason) => {
  const ctx = b.feedContext('ya', 1);
  const relative = `Patient/${ctx.patientId}`;
  const condition = rewriteReferences(b.chronicHepatitisB(ctx), (reference) =>
    reference === relative ? (target as r4.Reference) : null,
  );
  const { quarantine } = await endOf({ feed: ndjson([b.patient(ctx), condition]) });
  expect(quarantine.map((each) => [each.place.line, each.reason])).toEqual([[2, reason]]);
});

test('the same Patient id at two hospitals is two people', async () => {
  const ctx = b.feedContext('ya', 1);
  const here = eligiblePerson(ctx);
  const there = here.map((each) => ({ ...each, meta: { ...each.meta, source: 'https://bf.example.cn/fhir' } }));
  const { rows } = await endOf({ feed: ndjson([...here, ...there]) });
  expect(rows.map(({ site, patient }) => [site, patient])).toEqual([
    ['bf', 'Patient/ya-p-000001'],
    ['ya', 'Patient/ya-p-000001'],
  ]);
  expect(new Set(rows.map(({ subject }) => subject)).size).toBe(2);
});
