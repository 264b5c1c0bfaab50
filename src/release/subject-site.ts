import type { r4 } from '../fhir/resource.ts';

const GATEWAY = 'https://study-gateway.example/sid/gateway';

/** The site of a subject by the Provenances of its record, which name the gateway; null when there are none, or several. */
export function siteOf(resources: Iterable<{ resourceType: string }>): string | null {
  const sites = new Set<string>();
  for (const resource of resources) {
    if (resource.resourceType !== 'Provenance') continue;
    for (const { who } of (resource as r4.Provenance).agent ?? []) {
      if (who.identifier?.system === GATEWAY && who.identifier.value) sites.add(who.identifier.value);
    }
  }
  return sites.size === 1 ? [...sites][0]! : null;
}
