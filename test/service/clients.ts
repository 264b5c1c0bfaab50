import type { ClientKind } from '../../src/auth/client.ts';
import { addClient } from '../../src/pipeline/clients.ts';
import { assertionOf, newSigner, type Signer } from '../auth/signer.ts';
import type { WholeService } from './whole.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A client with its key, and a token that it got by SMART Backend Services. */
export interface Holder {
  id: string;
  signer: Signer;
  token: string;
}

export interface HolderGiven {
  id: string;
  kind?: ClientKind;
  site?: string | null;
  registry?: string | null;
  scopes?: string;
}

/** Adds a client and asks for a token as it would. */
export async function newHolder(service: WholeService, given: HolderGiven): Promise<Holder> {
  const { id, kind = 'site', site = null, registry = null, scopes = 'system/*.cruds' } = given;
  const signer = await newSigner('ES384', 'k1');
  const keys = { jwks: { keys: [signer.jwk] } } as Parameters<typeof addClient>[1]['keys'];
  await addClient(service.gateway, { id, name: `client ${id}`, kind, site, registry, scopes, keys });
  return { id, signer, token: await tokenFor(service, id, signer, scopes) };
}

/** An access token by the token route; throws where it gives none. */
export async function tokenFor(service: WholeService, id: string, signer: Signer, scope: string): Promise<string> {
  const now = Math.floor(service.now / 1_000);
  const assertion = await assertionOf(signer, { client: id, audience: `${service.url}/auth/token`, now });
  const answer = await fetch(`${service.url}/auth/token`, { method: 'POST', body: tokenForm(assertion, { scope }) });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (!token) throw new Error(`no token for ${id}: ${answer.status}`);
  return token;
}

/** The form of a token request, with what is replaced or (undefined) removed. */
export function tokenForm(assertion: string, more: Record<string, string | undefined> = {}): URLSearchParams {
  const fields = {
    grant_type: 'client_credentials',
    scope: 'system/*.cruds',
    client_assertion_type: JWT_BEARER,
    client_assertion: assertion,
    ...more,
  };
  return new URLSearchParams(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );
}
