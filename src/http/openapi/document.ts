import { describePaths } from './paths.ts';
import { SCHEMAS } from './schemas.ts';

/**
 * OpenAPI 3.1 of what is not FHIR: tokens, notifications, the stream of lines, health. What is FHIR is told by the
 * CapabilityStatement of each base (`/ehr/{site}/fhir/metadata`).
 * @param publicUrl without a slash at the end
 */
export function openApi(publicUrl: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Study Gateway',
      version: '1',
      description:
        'What is not FHIR. The FHIR base of a hospital is /ehr/{site}/fhir; its CapabilityStatement, at metadata, says ' +
        'what it can do.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    paths: describePaths(),
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token of a client of the site, from /auth/token.',
        },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Hub-Signature-256',
          description:
            'sha256= and the HMAC-SHA-256 of the body in hexadecimal, under the secret agreed with the site; the digits ' +
            'alone also in X-Signature, or in the header that the site names.',
        },
      },
    },
  };
}
