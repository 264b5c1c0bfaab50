/** Where notices may be sent to. */
export interface EndpointRules {
  /** Hosts as in `URL.host`: `ehr.example`, or `ehr.example:8443`. */
  hosts: readonly string[];
  /** Allows `http://` on loopback, for trials on one machine. */
  loopbackHttp: boolean;
}

export type EndpointFault = 'endpoint-url' | 'endpoint-host';

const MOST_CHARACTERS = 1_000;

/** Why no notice is sent to an endpoint: it is not https, or its host is not on the site's list; null when it may be. */
export function endpointFault(text: string, { hosts, loopbackHttp }: EndpointRules): EndpointFault | null {
  const url = text.length > MOST_CHARACTERS ? null : URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return 'endpoint-url';
  const secure = url.protocol === 'https:' || (loopbackHttp && url.protocol === 'http:' && isLoopback(url.hostname));
  if (!secure) return 'endpoint-url';
  return hosts.includes(url.host) ? null : 'endpoint-host';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
