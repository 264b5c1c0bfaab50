import { checkFingerprints } from '../identity/fingerprint.ts';
import type { Health } from '../operations/health.ts';
import type { Gateway } from '../pipeline/gateway.ts';

/**
 * Says of the parts that every service has whether they can work: store, keys, study. Other parts add their own.
 * @param trouble why nothing can be written just now, as a stable code; null when it can
 */
export function registerParts(
  health: Health,
  gateway: Gateway,
  stopping: AbortSignal,
  trouble: () => string | null = () => null,
): void {
  const { store, keys, sites } = gateway;
  health.register('service', async () => (stopping.aborted ? 'stopping' : null));
  health.register('store', async () => {
    await store.withTransaction((tx) => tx.setting('ready'));
    // A reading transaction works on a full disk.
    return trouble();
  });
  health.register('keys', async () => {
    const refusal = await store.withTransaction((tx) => checkFingerprints(tx, keys, [...sites.keys()]));
    return refusal?.code ?? null;
  });
  health.register('study', async () => {
    // Maps and profiles are read when first needed; whether they can be is told from the start.
    await gateway.research?.();
    return null;
  });
}
