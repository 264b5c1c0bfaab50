import express, { type Router } from 'express';
import { ALGORITHMS } from '../../auth/key-set.ts';
import type { Auth } from '../../auth/service.ts';
import { tokenUrl } from '../../auth/settings.ts';

/**
 * `GET /.well-known/smart-configuration` (SMART App Launch 2.2, "Conformance"), for everybody. To be mounted at the root
 * and under each FHIR base, before `authenticated`.
 */
export function smartConfiguration({ settings }: Pick<Auth, 'settings'>): Router {
  const router = express.Router({ caseSensitive: true });
  router.get('/.well-known/smart-configuration', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=300').json({
      token_endpoint: tokenUrl(settings),
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: Object.keys(ALGORITHMS),
      grant_types_supported: ['client_credentials'],
      scopes_supported: ['system/*.cruds', 'system/*.rs', 'system/*.cud'],
      capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
    });
  });
  return router;
}
