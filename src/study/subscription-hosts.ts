const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*(:\d{1,5})?$/;

/**
 * Reads `subscriptionHosts` of a site: hosts to which notices may be sent, as in `URL.host` (`ehr.example`,
 * `ehr.example:8443`). Without it there are none. Null when something in it is no host.
 */
export function readSubscriptionHosts(value: unknown): readonly string[] | null {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return null;
  const hosts = value.map(String);
  return hosts.every((host) => HOST.test(host)) ? hosts : null;
}
