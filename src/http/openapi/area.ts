import { Router } from 'express';
import type { Area } from '../app.ts';
import { openApi } from './document.ts';

/** `GET /openapi.json`, for everybody. */
export function openApiArea(publicUrl: string): Area {
  const router = Router({ caseSensitive: true });
  const document = openApi(publicUrl);
  router.get('/openapi.json', (_req, res) => {
    res.json(document);
  });
  return { mount: '/', router };
}
