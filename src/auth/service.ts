import { verifyAssertion } from './assertion.ts';
import { createKeyCache } from './key-cache.ts';
import { type AuthRefusal, authRefusal, isAuthRefusal } from './refusal.ts';
import { intersect, readScopes, writeScopes } from './scopes.ts';
import { type AuthSettings, tokenUrl } from './settings.ts';
import { type ClientIdentity, createTokens, type TokenParts } from './token.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Answer of the token route (SMART App Launch 2.2, "Issue Access Token"). */
export interface GrantedToken {
  access_token: string;
  token_type: 'bearer';
  /** Seconds. */
  expires_in: number;
  /** What was granted: never more than the client has, or than it asked for. */
  scope: string;
}

/** SMART Backend Services, as a server: who may get in, and as whom. */
export interface Auth {
  settings: AuthSettings;
  /** Gives an access token for the form of a token request, each parameter once. */
  grant(form: URLSearchParams): Promise<GrantedToken | AuthRefusal>;
  /** The client behind an `Authorization` header. */
  identify(authorization: string | undefined): Promise<ClientIdentity | AuthRefusal>;
}

export function createAuth(parts: TokenParts): Auth {
  const { settings, clients, clock } = parts;
  const tokens = createTokens(parts);
  const assertionParts = {
    clients,
    clock,
    keyCache: createKeyCache(settings, clock),
    audience: tokenUrl(settings),
  };
  return {
    settings,
    async grant(form) {
      const refusal = checkForm(form);
      if (refusal) return refusal;
      const client = await verifyAssertion(form.get('client_assertion')!, assertionParts);
      if (isAuthRefusal(client)) return client;
      // A parameter without a value counts as left out (RFC 6749 3.2).
      if ((form.get('client_id') || client.id) !== client.id) return authRefusal('client-mismatch');
      const asked = readScopes(form.get('scope') ?? '');
      const granted = intersect(asked.scopes, readScopes(client.scopes).scopes);
      if (granted.size === 0) return authRefusal('scope-none');
      const scope = writeScopes(granted, asked.v1);
      const token = await tokens.issue(client, scope);
      return { access_token: token, token_type: 'bearer', expires_in: settings.tokenSeconds, scope };
    },
    async identify(authorization) {
      const token = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization ?? '')?.[1];
      return token === undefined ? authRefusal('token-missing') : tokens.verify(token);
    },
  };
}

/** RFC 6749 3.2, RFC 7521 4.2. */
function checkForm(form: URLSearchParams): AuthRefusal | null {
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) return authRefusal('parameter-repeated');
  const grantType = form.get('grant_type');
  if (!grantType) return authRefusal('grant-type-missing');
  if (grantType !== 'client_credentials') return authRefusal('grant-type');
  if (form.get('client_assertion_type') !== ASSERTION_TYPE) return authRefusal('assertion-type');
  return form.get('client_assertion') ? null : authRefusal('assertion-missing');
}
