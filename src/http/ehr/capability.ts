import type { RequestHandler } from 'express';
import type { r4 } from '../../fhir/resource.ts';
import { R4_TYPES } from '../../fhir/shape/types.ts';
import { PATIENT_ELEMENT } from '../../record/patient-element.ts';
import { formatRefusal } from '../format.ts';
import { refuse, sendFhir } from '../respond.ts';
import { FHIR_NDJSON } from './ndjson.ts';

/** What other routes of the same base can do with a type: interactions and search parameters. */
export interface Readable {
  type: string;
  interactions: readonly ('read' | 'vread' | 'history-instance' | 'search-type' | 'create' | 'update' | 'delete')[];
  search: readonly { name: string; type: 'date' | 'token' | 'reference' | 'string' }[];
}

const WRITES = ['create', 'update', 'delete'] as const;
/** Types that are read here are made here, and so taken from nobody. */
const NOT_TAKEN: ReadonlySet<string> = new Set(['Bundle']);
/** Not the hospital's but ours: it asks us to tell of changes. */
const OWN = 'Subscription';

/** The CapabilityStatement of a site's base (R4, CapabilityStatement, kind instance). */
export function capabilityStatement(base: string, date: string, readable: readonly Readable[]): r4.CapabilityStatement {
  const read = new Map(readable.map((one) => [one.type, one]));
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    kind: 'instance',
    software: { name: 'Study Gateway' },
    implementation: { description: 'Intake of a hospital, and its screening', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', FHIR_NDJSON],
    rest: [
      {
        mode: 'server',
        documentation:
          'Mirrors the hospital: ids are kept, also those of POST. What the study does not need is answered 200 with an ' +
          'informational outcome, and not kept. ETags count our own versions. Conditional writes name one identifier.',
        security: {
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
        },
        resource: [...R4_TYPES]
          .filter((type) => !NOT_TAKEN.has(type))
          .map((type): r4.CapabilityStatementRestResource => {
            const more = read.get(type);
            const interactions = [...new Set([...WRITES, ...(more?.interactions ?? [])])];
            return {
              type: type as r4.CapabilityStatementRestResource['type'],
              interaction: interactions.map((code) => ({ code })),
              versioning: versioningOf(type, more),
              ...(more?.interactions.includes('read') ? { conditionalRead: 'not-match' as const } : {}),
              readHistory: more?.interactions.includes('vread') ?? false,
              updateCreate: type !== OWN,
              conditionalCreate: type !== OWN,
              conditionalUpdate: type !== OWN,
              conditionalDelete: 'not-supported',
              ...(more && more.search.length > 0 ? { searchParam: more.search.map((one) => ({ ...one })) } : {}),
            };
          }),
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
      },
    ],
  };
}

function versioningOf(type: string, more: Readable | undefined): 'versioned-update' | 'versioned' | 'no-version' {
  if (type === OWN || type in PATIENT_ELEMENT) return 'versioned-update';
  // Of what no record holds nothing is remembered, so there is nothing to count.
  return more?.interactions.includes('vread') ? 'versioned' : 'no-version';
}

/** GET /metadata (R4, http.html#capabilities); whoever asks may know. */
export function metadata(
  publicUrl: string,
  date: string,
  sites: ReadonlySet<string>,
  readable: readonly Readable[],
): RequestHandler {
  return (req, res, next) => {
    const site = String(req.params.site);
    if (!sites.has(site)) return next();
    const refusal = formatRefusal(req, new URLSearchParams(req.query as Record<string, string>));
    if (refusal) return refuse(res, refusal);
    sendFhir(res, 200, capabilityStatement(`${publicUrl}/ehr/${site}/fhir`, date, readable));
  };
}
