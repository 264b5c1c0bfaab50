import { Router } from 'express';
import type { Auth } from '../../auth/service.ts';
import type { Area } from '../app.ts';
import { smartConfiguration } from './smart-configuration.ts';
import { tokenRouter } from './token-route.ts';

/** What is at the root for everybody: how to get a token, and the token route. */
export function tokenArea(auth: Auth): Area {
  const router = Router({ caseSensitive: true });
  router.use(smartConfiguration(auth), tokenRouter(auth));
  return { mount: '/', router };
}
