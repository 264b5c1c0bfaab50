import { type AuthRefusal, authRefusal } from './refusal.ts';
import type { AuthSettings } from './settings.ts';

/**
 * Whether a key set may be fetched from there: https (http on loopback, when the settings say so), and a host on the
 * list of allowed ones.
 */
export function checkKeyUrl(
  text: string,
  { jwksHosts, loopbackHttp }: Pick<AuthSettings, 'jwksHosts' | 'loopbackHttp'>,
): AuthRefusal | null {
  const url = readKeyUrl(text);
  if (url === null || (url.protocol === 'http:' && !loopbackHttp)) return authRefusal('jwks-url');
  return jwksHosts.includes(url.host) ? null : authRefusal('jwks-host');
}

/** A URL under which keys can be published (https, or http on loopback), else null. */
export function readKeyUrl(text: string): URL | null {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return null;
  if (url.protocol === 'https:') return url;
  return url.protocol === 'http:' && isLoopback(url.hostname) ? url : null;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
