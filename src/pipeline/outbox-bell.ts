import type { Store } from '../store/store.ts';
import { overlaid } from './overlay.ts';

/**
 * The same store; tells which targets have something new to get, once the transaction that noted it is durable.
 * @param ring is told the id of a target, once for each transaction
 */
export function withOutboxBell(store: Store, ring: (target: string) => void): Store {
  return {
    async withTransaction(work) {
      const targets = new Set<string>();
      const result = await store.withTransaction((tx) => {
        const noteDelivery: typeof tx.study.noteDelivery = (noted) => {
          targets.add(noted.target);
          return tx.study.noteDelivery(noted);
        };
        return work(overlaid(tx, 'study', { noteDelivery }));
      });
      for (const target of targets) ring(target);
      return result;
    },
    read: (...given) => store.read(...given),
    settled: (...given) => store.settled(...given),
    close: () => store.close(),
  };
}
