import type { FhirResource } from '../../../src/fhir/resource.ts';
import { eligiblePerson, hepatitisB } from '../baseline.ts';
import * as b from '../builders.ts';
import { pointToPatient } from '../references.ts';
import type { SiteId } from '../sites.ts';
import { type Expected, HBV, type Packaging, type Story } from '../story.ts';

const eligible: Expected = { status: 'eligible', ...HBV };
type Rewrite = (ctx: b.FeedContext, resources: FhirResource[]) => FhirResource[];
const story = (name: string, rewrite: Rewrite): Story => ({
  name: `reference: ${name}`,
  build: (ctx) => rewrite(ctx, eligiblePerson(ctx)),
  expected: eligible,
});
const packed = (name: string, packaging: Packaging, site: SiteId): Story => ({
  name: `packaging: ${name}`,
  site,
  packaging,
  build: (ctx) => eligiblePerson(ctx),
  expected: eligible,
});

/** Every way in which a resource may say whom it is about, and every package it may come in. */
export const referenceStories: Story[] = [
  story('absolute', (ctx, all) =>
    pointToPatient(ctx, all, { reference: `${ctx.site.fhirBase}/Patient/${ctx.patientId}` }),
  ),
  story('versioned', (ctx, all) => pointToPatient(ctx, all, { reference: `Patient/${ctx.patientId}/_history/1` })),
  story('absolute and versioned', (ctx, all) =>
    pointToPatient(ctx, all, { reference: `${ctx.site.fhirBase}/Patient/${ctx.patientId}/_history/1` }),
  ),
  story('conditional', (ctx, all) => {
    const { system, value } = b.mrn(ctx);
    return pointToPatient(ctx, all, { reference: `Patient?identifier=${system}|${value}` });
  }),
  story('logical', (ctx, all) => pointToPatient(ctx, all, { type: 'Patient', identifier: b.mrn(ctx) })),
  {
    name: 'reference: contained',
    build: (ctx) => {
      const contained = [{ resourceType: 'Patient', id: 'p', identifier: [b.mrn(ctx)] }];
      const disease = pointToPatient(ctx, hepatitisB(ctx), { reference: '#p' });
      return eligiblePerson(ctx, { disease: disease.map((each) => ({ ...each, contained })) });
    },
    expected: eligible,
  },
  packed('transaction with urn:uuid', 'transaction', 'ya'),
  packed('transaction with urn:uuid, another person', 'transaction', 'ya'),
  packed('searchset with absolute references', 'searchset', 'zn'),
  packed('history', 'history', 'bf'),
  packed('pretty-printed Patient', 'pretty', 'nf'),
];
