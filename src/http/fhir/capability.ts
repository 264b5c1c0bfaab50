import type { RequestHandler } from 'express';
import type { r4 } from '../../fhir/resource.ts';
import { GROUP, includesOf, reverseIncludesOf, SERVED, type ServedType } from '../../registry/types.ts';
import { sendFhir } from '../respond.ts';

const BULK = 'http://hl7.org/fhir/uv/bulkdata';
const OPERATIONS: Readonly<Record<string, { name: string; definition: string }[]>> = {
  Patient: [
    { name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' },
    { name: 'export', definition: `${BULK}/OperationDefinition/patient-export` },
  ],
  Group: [{ name: 'export', definition: `${BULK}/OperationDefinition/group-export` }],
};

/** The CapabilityStatement of the research API (R4, kind instance). */
export function capabilityStatement(base: string, date: string): r4.CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    kind: 'instance',
    instantiates: [`${BULK}/CapabilityStatement/bulk-data`],
    software: { name: 'Study Gateway' },
    implementation: { description: 'Research record of a study, for registries by agreement', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        documentation:
          'Read only. A registry sees what its agreement and its scopes cover, under ids of its own. Search looks at ' +
          'what the registry may see; pages are those of the moment the first was asked for. Unknown search parameters ' +
          'are told of in the answer, and refused with Prefer: handling=strict.',
        security: {
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
        },
        resource: [...SERVED.values(), GROUP].map(resourceOf),
        interaction: [{ code: 'batch' }],
        operation: [{ name: 'export', definition: `${BULK}/OperationDefinition/export` }],
      },
    ],
  };
}

function resourceOf(served: ServedType): r4.CapabilityStatementRestResource {
  const { type, parameters } = served;
  const isGroup = type === GROUP.type;
  const [includes, reverse] = [includesOf(served), reverseIncludesOf(type)];
  const interactions = isGroup
    ? (['read', 'search-type'] as const)
    : (['read', 'vread', 'history-instance', 'search-type'] as const);
  return {
    type: type as r4.CapabilityStatementRestResource['type'],
    interaction: interactions.map((code) => ({ code })),
    versioning: isGroup ? 'no-version' : 'versioned',
    readHistory: !isGroup,
    conditionalRead: isGroup ? 'not-supported' : 'not-match',
    ...(includes.length > 0 ? { searchInclude: includes } : {}),
    ...(reverse.length > 0 ? { searchRevInclude: reverse } : {}),
    searchParam: parameters.map(({ name, type: kind }) => ({ name, type: kind })),
    ...(OPERATIONS[type] ? { operation: OPERATIONS[type] } : {}),
  };
}

/** GET /metadata (R4, http.html#capabilities); whoever asks may know. */
export function metadata(base: string, date: string): RequestHandler {
  return (_req, res) => sendFhir(res, 200, capabilityStatement(base, date));
}
