import type { Auth } from '../../auth/service.ts';
import type { RegistryDesk } from '../../registry/desk.ts';
import type { ExportDesk } from '../../registry/export/desk.ts';
import type { LensFor } from '../../release/lens.ts';
import type { BodyLimits } from '../limits.ts';
import type { RateLimits } from '../rate.ts';

/** What the research API is made of. */
export interface FhirParts {
  auth: Auth;
  rates: RateLimits;
  desk: RegistryDesk;
  lensFor: LensFor;
  /** Called before each request of a client: what people have granted may have changed. */
  refresh?: () => Promise<void>;
  exports: ExportDesk;
  limits: BodyLimits;
  /** When the service began (ISO 8601): the date of the CapabilityStatement. */
  since: string;
}
