import { TOKEN_PATH } from '../../auth/settings.ts';
import { FHIR_NDJSON } from '../ehr/ndjson.ts';
import { FHIR_JSON } from '../respond.ts';
import type { SCHEMAS } from './schemas.ts';

const FORM = 'application/x-www-form-urlencoded';
const NOTIFY = '/ehr/{site}/notify';

const schema = (name: keyof typeof SCHEMAS) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: keyof typeof SCHEMAS, type = 'application/json') => ({ [type]: { schema: schema(name) } });
const answer = (description: string, content?: object) => ({ description, ...(content ? { content } : {}) });
const outcome = (description: string) => answer(description, json('OperationOutcome', FHIR_JSON));
const parameter = (name: string, description: string) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
});

const SITE = parameter('site', 'Id of the hospital.');
const RESOURCE = [SITE, parameter('type', 'Resource type of R4.'), parameter('id', 'Its id at the hospital.')];
/** What any request may be answered, whatever it asks. */
const ANY = {
  '400': outcome('The request is malformed; the outcome says where.'),
  '408': outcome('The body did not arrive in time.'),
  '413': outcome('The body is too long, or holds too much.'),
  '429': outcome('Too many requests in a minute: wait as long as Retry-After says.'),
  '500': outcome('A fault of the gateway; the outcome has its id.'),
};
const ACCESS = {
  '401': outcome('No token or signature, or none that is good.'),
  '403': outcome('The client may not do this here.'),
  '404': outcome('There is no such site.'),
};
const DELIVERED = {
  ...ANY,
  ...ACCESS,
  '200': answer('Noted, durably; nothing has to be read again.'),
  '202': answer('Queued, durably, to be read again from the hospital.'),
  '415': outcome('Another media type than FHIR JSON, or a packed body.'),
  '422': outcome('It is no notification, or hints at what cannot be read.'),
};
const SECURED = [{ token: [] }, { signature: [] }];
const RESOURCE_BODY = {
  content: { [FHIR_JSON]: { schema: { type: 'object' } }, 'application/json': { schema: { type: 'object' } } },
};

/** Every path that is not FHIR, and the stream of lines at the FHIR base. */
export function describePaths() {
  const open = (summary: string, name: keyof typeof SCHEMAS) => ({
    summary,
    security: [],
    responses: { '200': answer(summary, json(name)), '429': ANY['429'], '500': ANY['500'] },
  });
  const smart = open('Where to get a token, and how (SMART App Launch 2.2).', 'SmartConfiguration');
  return {
    '/livez': { get: { ...open('The process runs.', 'Live'), operationId: 'live' } },
    '/readyz': {
      get: {
        operationId: 'ready',
        summary: 'Whether every part can work, and which cannot.',
        security: [],
        responses: {
          '200': answer('Everything is ready.', json('Ready')),
          '503': answer('Something is not ready.', json('Ready')),
          '500': ANY['500'],
        },
      },
    },
    '/metrics': {
      get: {
        operationId: 'metrics',
        summary: 'Counts and times, in the text format of Prometheus.',
        security: [],
        responses: {
          '200': answer('The metrics.', { 'text/plain': { schema: { type: 'string' } } }),
          '500': ANY['500'],
        },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'openapi',
        summary: 'This document.',
        security: [],
        responses: {
          '200': answer('OpenAPI 3.1.', { 'application/json': { schema: { type: 'object' } } }),
          '429': ANY['429'],
          '500': ANY['500'],
        },
      },
    },
    '/.well-known/smart-configuration': { get: { ...smart, operationId: 'smart' } },
    '/ehr/{site}/fhir/.well-known/smart-configuration': {
      parameters: [SITE],
      get: { ...smart, operationId: 'smartOfSite' },
    },
    [TOKEN_PATH]: { post: token() },
    [NOTIFY]: {
      parameters: [SITE],
      post: {
        operationId: 'notify',
        summary: 'Something changed: nothing, a resource, or a Bundle of the Subscriptions R5 Backport for R4.',
        security: SECURED,
        requestBody: { ...RESOURCE_BODY, required: false },
        responses: DELIVERED,
      },
    },
    [`${NOTIFY}/{type}/{id}`]: {
      parameters: RESOURCE,
      put: {
        operationId: 'notifyChanged',
        summary: 'This resource changed (R4 Subscription, rest-hook with payload).',
        security: SECURED,
        requestBody: { ...RESOURCE_BODY, required: false },
        responses: DELIVERED,
      },
      delete: {
        operationId: 'notifyDeleted',
        summary: 'This resource was deleted; it is believed once the hospital itself says so.',
        security: SECURED,
        responses: DELIVERED,
      },
    },
    '/ehr/{site}/events': {
      parameters: [SITE],
      get: {
        operationId: 'events',
        summary: 'New candidates and changes as server-sent events, after Last-Event-ID or from now on.',
        security: SECURED,
        responses: {
          ...ANY,
          ...ACCESS,
          '200': answer('Events without an end; the stream ends with the token.', {
            'text/event-stream': { schema: { type: 'string' } },
          }),
        },
      },
    },
    '/ehr/{site}/fhir': { parameters: [SITE], post: lines() },
  };
}

function token() {
  const field = { type: 'string' };
  const properties = {
    grant_type: { const: 'client_credentials' },
    client_assertion_type: { const: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' },
    client_assertion: { ...field, description: 'A JWT signed by the client: RS384 or ES384.' },
    scope: { ...field, description: 'SMART system scopes, v1 or v2.' },
    client_id: field,
  };
  const required = ['grant_type', 'client_assertion_type', 'client_assertion', 'scope'];
  const error = (description: string) => answer(description, json('TokenError'));
  return {
    operationId: 'token',
    summary: 'An access token, by SMART Backend Services.',
    security: [],
    requestBody: { required: true, content: { [FORM]: { schema: { type: 'object', required, properties } } } },
    responses: {
      '200': answer('The token.', json('Token')),
      '400': error('No token is given; the code says why.'),
      '413': error('The form is too long.'),
      '415': error('Another media type, or a packed body.'),
      '408': ANY['408'],
      '429': ANY['429'],
      '500': ANY['500'],
    },
  };
}

/** The same path takes Bundles as FHIR JSON: that is FHIR, and told there. */
function lines() {
  const stream = { schema: { type: 'string' } };
  return {
    operationId: 'lines',
    summary: 'Resources or Bundles, one a line; answered by an OperationOutcome a line, each once it is durable.',
    description:
      'diagnostics of each outcome: the line, and the entry of a Bundle; then the status, and what was written.',
    security: [{ token: [] }],
    requestBody: { required: true, content: { [FHIR_NDJSON]: stream, 'application/x-ndjson': stream } },
    responses: {
      ...ANY,
      ...ACCESS,
      '200': answer('An outcome for each resource, in order.', { [FHIR_NDJSON]: stream }),
      '415': outcome('Another media type, another charset, or a packed body.'),
    },
  };
}
