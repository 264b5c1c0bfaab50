const text = { type: 'string' };

/** JSON Schemas (2020-12) of what is answered. */
export const SCHEMAS = {
  OperationOutcome: {
    description: 'FHIR R4 OperationOutcome. The stable code is issue.details.coding.code.',
    type: 'object',
    required: ['resourceType', 'issue'],
    properties: {
      resourceType: { const: 'OperationOutcome' },
      issue: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['severity', 'code'],
          properties: {
            severity: { enum: ['fatal', 'error', 'warning', 'information'] },
            code: text,
            details: { type: 'object' },
            diagnostics: text,
            expression: { type: 'array', items: text },
          },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  },
  Token: {
    description: 'SMART App Launch 2.2, "Issue Access Token".',
    type: 'object',
    required: ['access_token', 'token_type', 'expires_in', 'scope'],
    properties: {
      access_token: text,
      token_type: { const: 'bearer' },
      expires_in: { type: 'integer', minimum: 1, maximum: 300, description: 'seconds' },
      scope: text,
    },
    additionalProperties: false,
  },
  TokenError: {
    description: 'RFC 6749 5.2, and a stable code.',
    type: 'object',
    required: ['error', 'error_description', 'code'],
    properties: { error: text, error_description: text, code: text },
    additionalProperties: false,
  },
  SmartConfiguration: {
    description: 'SMART App Launch 2.2, "Conformance".',
    type: 'object',
    required: ['token_endpoint', 'token_endpoint_auth_methods_supported', 'grant_types_supported', 'capabilities'],
    properties: {
      token_endpoint: { type: 'string', format: 'uri' },
      token_endpoint_auth_methods_supported: { type: 'array', items: text },
      token_endpoint_auth_signing_alg_values_supported: { type: 'array', items: text },
      grant_types_supported: { type: 'array', items: text },
      scopes_supported: { type: 'array', items: text },
      capabilities: { type: 'array', items: text },
    },
    additionalProperties: false,
  },
  Live: {
    type: 'object',
    required: ['live'],
    properties: { live: { const: true } },
    additionalProperties: false,
  },
  Ready: {
    type: 'object',
    required: ['ready', 'parts'],
    properties: {
      ready: { type: 'boolean' },
      parts: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          required: ['ready'],
          properties: { ready: { type: 'boolean' }, code: { ...text, description: 'why it is not ready' } },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  },
} as const;
