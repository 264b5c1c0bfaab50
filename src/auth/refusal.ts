/** OAuth error of a refusal: RFC 6749 5.2 for the token route, RFC 6750 3.1 for the bearer of a token. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'invalid_token'
  | 'insufficient_scope';

type Table = Readonly<Record<string, readonly [OAuthError, string]>>;

// The messages go into error_description: RFC 6749 5.2 allows neither quotes nor backslashes, and ASCII only.
const TABLE = {
  'request-media-type': ['invalid_request', 'Send the form as application/x-www-form-urlencoded, in UTF-8, unpacked.'],
  'request-too-large': ['invalid_request', 'The form is too large: it may have 16 KiB.'],
  'request-unreadable': ['invalid_request', 'The form could not be read to its end. Send it again.'],
  'parameter-repeated': ['invalid_request', 'A parameter is given more than once. Give each once.'],
  'grant-type-missing': ['invalid_request', 'grant_type is missing. Give client_credentials.'],
  'grant-type': ['unsupported_grant_type', 'Only the grant type client_credentials is known here.'],
  'assertion-type': [
    'invalid_request',
    'client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer.',
  ],
  'assertion-missing': [
    'invalid_request',
    'client_assertion is missing. Give a JWT signed with the key of the client.',
  ],
  'assertion-malformed': ['invalid_client', 'client_assertion is no JWT in compact form, or has critical extensions.'],
  'assertion-alg': ['invalid_client', 'The header alg of client_assertion must be RS384 or ES384.'],
  'assertion-typ': ['invalid_client', 'The header typ of client_assertion must be JWT.'],
  'assertion-kid': ['invalid_client', 'The header kid of client_assertion is missing, empty or over 200 characters.'],
  'assertion-jku': ['invalid_client', 'The header jku is not the URL registered for this client. Leave it out.'],
  'assertion-issuer': ['invalid_client', 'iss and sub of client_assertion must both be the client id.'],
  'client-mismatch': ['invalid_client', 'client_id is not the client that signed client_assertion.'],
  'client-unknown': ['invalid_client', 'There is no such client. Check iss, or ask for the client to be added.'],
  'client-revoked': ['invalid_client', 'This client was revoked. Ask for a new one.'],
  'key-unknown': ['invalid_client', 'The client has no key with this kid that fits the alg. Check its JWKS.'],
  'assertion-signature': ['invalid_client', 'The signature of client_assertion does not fit the key with this kid.'],
  'assertion-audience': ['invalid_client', 'aud of client_assertion must be exactly the URL of the token route.'],
  'assertion-expiry': ['invalid_client', 'exp of client_assertion is missing or no number of seconds since 1970.'],
  'assertion-expired': ['invalid_client', 'client_assertion has expired. Make a new one, and check the clock.'],
  'assertion-long': ['invalid_client', 'exp of client_assertion may lie at most 300 seconds ahead.'],
  'assertion-early': ['invalid_client', 'nbf of client_assertion is no time that has come. Check the clock.'],
  'assertion-issued': [
    'invalid_client',
    'iat of client_assertion is no time that has passed, or lies over 300 seconds before exp.',
  ],
  'assertion-jti': ['invalid_client', 'jti of client_assertion is missing, empty or over 200 characters.'],
  'assertion-replayed': ['invalid_client', 'This jti was used before. Make a new client_assertion for each request.'],
  'jwks-url': ['invalid_client', 'The JWKS URL must be https, with neither user nor fragment.'],
  'jwks-host': ['invalid_client', 'The host of the JWKS URL is not on the list of allowed hosts of this gateway.'],
  'jwks-unavailable': ['invalid_client', 'The JWKS URL of the client gave no answer with status 200 in time.'],
  'jwks-redirect': ['invalid_client', 'The JWKS URL of the client redirects. Register the URL it leads to.'],
  'jwks-too-large': ['invalid_client', 'The JWKS of the client is larger than 64 KiB.'],
  'jwks-malformed': [
    'invalid_client',
    'The JWKS of the client is no JSON Web Key Set (RFC 7517), or a key in it is broken.',
  ],
  'jwks-private': [
    'invalid_client',
    'The JWKS of the client holds a private key. Replace that key and publish public ones.',
  ],
  'jwks-symmetric': ['invalid_client', 'The JWKS of the client holds a symmetric key. Use RSA or EC P-384.'],
  'jwks-weak': ['invalid_client', 'The JWKS of the client holds an RSA key under 2048 bits. Use a longer one.'],
  'jwks-kid': ['invalid_client', 'Two keys in the JWKS of the client share kid and kind. Give each a kid of its own.'],
  'jwks-empty': ['invalid_client', 'The JWKS of the client holds no key for RS384 or ES384 that has a kid.'],
  'scope-none': [
    'invalid_scope',
    'None of the scopes asked for is granted to this client. Ask for system scopes it has.',
  ],
  'token-missing': ['invalid_token', 'An access token is needed. Get one at the token route and send it as Bearer.'],
  'token-invalid': ['invalid_token', 'The access token is not one of this gateway, or was changed. Get a new one.'],
  'token-expired': ['invalid_token', 'The access token has expired. Get a new one.'],
  'token-audience': ['invalid_token', 'The access token was made for another base. Get a new one.'],
  'token-client': ['invalid_token', 'The client of the access token is gone or was revoked.'],
  'other-base': ['insufficient_scope', 'A client of this kind may not use this base.'],
  'other-site': ['insufficient_scope', 'The client belongs to another site than this base.'],
  'scope-insufficient': ['insufficient_scope', 'The scopes of the access token do not cover this.'],
} as const satisfies Table;

/** Stable codes: clients and logs may rely on them. */
export type AuthRefusalCode = keyof typeof TABLE;

/** Why a client gets no token, or may not do what it asked for. Names no value of the request. */
export interface AuthRefusal {
  kind: 'auth-refusal';
  code: AuthRefusalCode;
  error: OAuthError;
  message: string;
}

/** Every refusal there is, in the order of the table in `docs/service-auth.md`. */
export const AUTH_REFUSALS: readonly AuthRefusal[] = (Object.keys(TABLE) as AuthRefusalCode[]).map(authRefusal);

export function authRefusal(code: AuthRefusalCode): AuthRefusal {
  const [error, message] = TABLE[code];
  return { kind: 'auth-refusal', code, error, message };
}

export function isAuthRefusal(value: object | null): value is AuthRefusal {
  return value !== null && 'kind' in value && value.kind === 'auth-refusal';
}
