/** What the operator of the gateway decides about clients and tokens. */
export interface AuthSettings {
  /** URL at which clients reach the gateway, without a slash at its end: `https://gateway.hospital.example`. */
  baseUrl: string;
  /** Hosts from which key sets may be fetched, as in `URL.host`: `ehr.example`, or `ehr.example:8443`. */
  jwksHosts: readonly string[];
  /** Allows JWKS URLs of `http://` on loopback, for trials on one machine. */
  loopbackHttp: boolean;
  /** How long an access token is good for; SMART says at most 300. */
  tokenSeconds: number;
}

/** Path of the token route below the base URL. */
export const TOKEN_PATH = '/auth/token';

/** The URL that clients post to and name as `aud` of their assertion. */
export function tokenUrl({ baseUrl }: Pick<AuthSettings, 'baseUrl'>): string {
  return `${baseUrl}${TOKEN_PATH}`;
}
