import { type CryptoKey, importJWK, type JWK, SignJWT } from 'jose';
import { type AnswerLimits, ask, type Fetch, refusedBy } from './answer.ts';
import { type PullRefusal, pullRefusal } from './refusal.ts';

/** Where and as whom a token is asked for. */
export interface TokenSettings {
  tokenUrl: string;
  clientId: string;
  scope: string;
}

export interface TokenParts extends AnswerLimits {
  fetch: Fetch;
  clock: () => number;
  /** Never the same twice; becomes `jti`. */
  randomId: () => string;
}

export interface TokenSource {
  /** A token that holds for a while yet. */
  token(): Promise<string | PullRefusal>;
  /** The server did not accept the last one. */
  drop(): void;
}

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Seconds the assertion holds; SMART allows at most 300. */
const ASSERTION_SECONDS = 240;
/** A token is not used in its last seconds: the request still has to travel. */
const MARGIN_MILLISECONDS = 20_000;

/** How a request for a token shows who asks. */
interface Proof {
  headers: Record<string, string>;
  body: Record<string, string>;
}

/**
 * Tokens by SMART Backend Services as a client (SMART App Launch 2, "Backend Services"; private_key_jwt with RS384 or
 * ES384). A token is kept until shortly before it ends.
 * @param jwk private key; null when there is none
 */
export function createTokenSource(settings: TokenSettings, jwk: JWK | null, parts: TokenParts): TokenSource {
  async function assertion(key: JWK): Promise<string> {
    const alg = key.kty === 'EC' ? 'ES384' : 'RS384';
    const now = Math.floor(parts.clock() / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg, typ: 'JWT', ...(key.kid ? { kid: key.kid } : {}) })
      .setIssuer(settings.clientId)
      .setSubject(settings.clientId)
      .setAudience(settings.tokenUrl)
      .setJti(parts.randomId())
      .setIssuedAt(now)
      .setExpirationTime(now + ASSERTION_SECONDS)
      .sign((await importJWK(key, alg)) as CryptoKey);
  }

  return tokenSource(settings, parts, async () =>
    jwk
      ? { headers: {}, body: { client_assertion_type: ASSERTION, client_assertion: await assertion(jwk) } }
      : pullRefusal('token-key-missing'),
  );
}

/** Tokens by client credentials with a secret (RFC 6749, sections 2.3.1 and 4.4), kept in the same way. */
export function createSecretTokenSource(
  settings: TokenSettings,
  secret: string | null,
  parts: Omit<TokenParts, 'randomId'>,
): TokenSource {
  const pair = [settings.clientId, secret ?? ''].map(encodeURIComponent).join(':');
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return tokenSource(settings, parts, async () =>
    secret === null ? pullRefusal('token-key-missing') : { headers: { authorization }, body: {} },
  );
}

function tokenSource(
  settings: TokenSettings,
  parts: Omit<TokenParts, 'randomId'>,
  prove: () => Promise<Proof | PullRefusal>,
): TokenSource {
  let held: { token: string; until: number } | null = null;
  let asking: Promise<string | PullRefusal> | null = null;

  async function request(): Promise<string | PullRefusal> {
    const proof = await prove();
    if ('kind' in proof) return proof;
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: settings.scope, ...proof.body });
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...proof.headers,
    };
    const answer = await ask(parts.fetch, settings.tokenUrl, { method: 'POST', headers, body: body.toString() }, parts);
    if ('kind' in answer) return answer;
    const refused = refusedBy(answer, parts.clock());
    if (refused?.lasts === 'transient') return refused;
    const { access_token: token, expires_in: seconds } = (answer.body ?? {}) as Record<string, unknown>;
    if (refused || typeof token !== 'string' || token === '') return pullRefusal('token-refused');
    const lasts = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : 0;
    held = { token, until: parts.clock() + lasts - MARGIN_MILLISECONDS };
    return token;
  }

  return {
    async token() {
      if (held && parts.clock() < held.until) return held.token;
      asking ??= request().finally(() => {
        asking = null;
      });
      return asking;
    },
    drop() {
      held = null;
    },
  };
}
