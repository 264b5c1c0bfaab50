import type { Area } from '../../src/http/app.ts';
import { healthRoutes } from '../../src/http/health.ts';
import { createHealth } from '../../src/operations/health.ts';
import { createMetrics } from '../../src/operations/metrics.ts';

/** Method and template of a route, as `PUT /ehr/:site/fhir/:type/:id`. */
export type RouteName = string;

/** What Express keeps of a router, as far as it is looked at here. */
interface Layer {
  slash: boolean;
  handle: { stack?: Layer[] };
  route?: { path: unknown; methods: Readonly<Record<string, boolean>> };
}

/** Every route of the service, read from the routers themselves; answers to other methods (`all`) are none. */
export function routesOf(areas: readonly Area[]): RouteName[] {
  const health: Area = { mount: '/', router: healthRoutes(createHealth(1), createMetrics()) };
  return [health, ...areas]
    .flatMap(({ mount, router }) => inside(router as unknown as { stack: Layer[] }, mount))
    .sort();
}

function inside({ stack }: { stack: Layer[] }, mount: string): RouteName[] {
  return stack.flatMap(({ route, handle, slash }) => {
    if (route) {
      if (typeof route.path !== 'string') throw new Error(`A route below ${mount} has no template.`);
      const path = `${mount}${route.path}`.replaceAll(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
      return Object.keys(route.methods)
        .filter((method) => method !== '_all')
        .map((method) => `${method.toUpperCase()} ${path}`);
    }
    if (!handle.stack) return [];
    if (!slash) throw new Error(`A router below ${mount} is mounted under a path that cannot be read back.`);
    return inside(handle as { stack: Layer[] }, mount);
  });
}
