import { Router } from 'express';
import type { Health } from '../operations/health.ts';
import type { Metrics } from '../operations/metrics.ts';

/**
 * `/livez` (200 while the process runs), `/readyz` (200 or 503, and of each part whether it is ready, with a code) and
 * `/metrics` (text format of Prometheus). Open to whoever can reach them: codes and counts only.
 */
export function healthRoutes(health: Health, metrics: Metrics): Router {
  const router = Router({ caseSensitive: true });
  router.get('/livez', (_req, res) => {
    res.json({ live: true });
  });
  router.get('/readyz', async (_req, res) => {
    const report = await health.report();
    res.status(report.ready ? 200 : 503).json(report);
  });
  router.get('/metrics', async (_req, res) => {
    const text = await metrics.text();
    res.type(metrics.contentType).send(text);
  });
  return router;
}
