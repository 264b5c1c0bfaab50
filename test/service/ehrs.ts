import { addClient } from '../../src/pipeline/clients.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { assertionOf, newSigner, type Signer } from '../auth/signer.ts';
import type { SiteId } from '../feed/sites.ts';
import { type Answered, answersOf, type Package } from './packages.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const idOf = (site: SiteId) => `ehr-${site}`;

/** Makes the client of each site known to a store, all with one key. */
export async function addEhrs(gateway: Gateway, sites: readonly SiteId[]): Promise<Signer> {
  const signer = await newSigner('ES384', 'k1');
  for (const site of sites) {
    await addClient(gateway, {
      id: idOf(site),
      name: `EHR of ${site}`,
      kind: 'site',
      site,
      registry: null,
      scopes: 'system/*.cruds',
      keys: { jwks: { keys: [signer.jwk] } },
    } as Parameters<typeof addClient>[1]);
  }
  return signer;
}

/** An access token; null when the service went away. */
export async function tokenFor(
  url: string,
  publicUrl: string,
  signer: Signer,
  site: SiteId,
  now: number,
): Promise<string | null> {
  const assertion = await assertionOf(signer, {
    client: idOf(site),
    audience: `${publicUrl}/auth/token`,
    now: Math.floor(now / 1_000),
  });
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'system/*.cruds',
    client_assertion_type: JWT_BEARER,
    client_assertion: assertion,
  });
  try {
    const answer = await fetch(`${url}/auth/token`, { method: 'POST', body });
    const text = await answer.text();
    if (answer.status !== 200) throw new Refused(text);
    return JSON.parse(text).access_token;
  } catch (error) {
    if (error instanceof Refused) throw error;
    return null;
  }
}

class Refused extends Error {}

/** What came of a package. */
export interface Sent {
  status: number;
  answers: Answered[];
  text: string;
  /** The answer came to its end. */
  whole: boolean;
}

/** Sends a package; null when nothing of an answer can be used, since the service went away. */
export async function sendTo(url: string, token: string, one: Package): Promise<Sent | null> {
  const headers = { authorization: `Bearer ${token}`, ...(one.body === undefined ? {} : { 'content-type': one.type }) };
  let [text, whole] = ['', false];
  let answer: Response;
  try {
    answer = await fetch(`${url}${one.path}`, { method: one.method, headers, body: one.body ?? null });
  } catch {
    return null;
  }
  try {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk, { stream: true });
    whole = true;
  } catch {
    // Lines that came before the end are answers all the same.
    if (!/ndjson/.test(one.type)) return null;
  }
  const { status } = answer;
  const answers = status < 400 ? answersOf(one, status, answer.headers.get('etag'), text) : [];
  return { status, answers, text, whole: whole && answers.length === one.parcels.length };
}
