import { randomUUID } from 'node:crypto';
import { createDeliverer } from '../jobs/deliver-targets.ts';
import { type LoopParts, type RunnerLoop, startRunnerLoop } from '../jobs/runner-loop.ts';
import { faultOf } from '../operations/fault.ts';
import type { connectedTargets } from './delivery.ts';
import type { Wiring } from './wiring.ts';

/** What delivers while the service runs: a loop for each target, so that a slow one keeps no other waiting. */
export interface DeliverySide {
  /** Something is new for this target: look at once. */
  wake(target: string): void;
  stop(): Promise<void>;
}

/**
 * Starts to deliver; what becomes of it is counted and logged, by target and code.
 * @param sleep between two looks when nothing wakes a loop: for what was put off
 */
export function startDelivery(
  { gateway, log, metrics }: Pick<Wiring, 'gateway' | 'log' | 'metrics'>,
  targets: Awaited<ReturnType<typeof connectedTargets>>,
  sleep?: LoopParts['sleep'],
): DeliverySide {
  const sendings = metrics.counter(
    'delivery_persons_total',
    'Persons brought to FHIR servers, by target and what became of it.',
    ['target', 'outcome', 'code'],
  );
  const resources = metrics.counter('delivery_resources_total', 'Resources sent to FHIR servers, by target.', [
    'target',
  ]);
  const failed = (error: unknown) => log.error('job-fault', { part: 'delivery', ...faultOf(error) });
  const loops = new Map<string, RunnerLoop>();
  for (const one of targets) {
    const { id } = one.target;
    const deliverer = createDeliverer({
      store: gateway.store,
      targets: [one],
      clock: gateway.clock,
      random: Math.random,
      newId: randomUUID,
      told: ({ target, outcome, code, sent, error }) => {
        sendings.add({ target, outcome, code: code ?? '' });
        resources.add({ target }, sent);
        const codes = [outcome, ...(code ? [code] : [])];
        log.info('delivered', { part: target, count: sent, codes });
        if (error !== undefined) failed(error);
      },
    });
    loops.set(id, startRunnerLoop(deliverer, { failed, ...(sleep ? { sleep } : {}) }));
  }
  return {
    wake: (target) => loops.get(target)?.wake(),
    async stop() {
      await Promise.all([...loops.values()].map((loop) => loop.stop()));
    },
  };
}
