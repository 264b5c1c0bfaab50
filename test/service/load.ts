import type { Signer } from '../auth/signer.ts';
import type { SiteId } from '../feed/sites.ts';
import { NOW } from '../pipeline/gateway.ts';
import { type Sent, sendTo, tokenFor } from './ehrs.ts';
import { type Acknowledged, acknowledge, nothingAcknowledged } from './kept.ts';
import type { Package } from './packages.ts';
import { HOSPITALS } from './supply.ts';

/** What several senders have to send, and what they were told. */
export interface Load {
  known: Acknowledged;
  /** Not sent yet. */
  waiting: Package[];
  /** Sent, and the answer did not come, or not to its end. */
  unanswered: Package[];
  /**
   * Sends until nothing waits, it is told to stop, or the service goes away.
   * @param answered told at once of each answer
   */
  run(url: string, answered?: () => void): Promise<void>;
  stop(): void;
}

const SENDERS = 8;

export function loadOf(signer: Signer, publicUrl: string): Load {
  let running = false;
  const load: Load = {
    known: nothingAcknowledged(),
    waiting: [],
    unanswered: [],
    async run(url, answered = () => {}) {
      running = true;
      const tokens = new Map<SiteId, string>();
      for (const site of HOSPITALS) {
        const token = await tokenFor(url, publicUrl, signer, site, NOW);
        if (token === null) return;
        tokens.set(site, token);
      }
      const send = async () => {
        while (running && load.waiting.length > 0) {
          const one = load.waiting.shift()!;
          const sent = await sendTo(url, tokens.get(one.site)!, one);
          if (sent) {
            answered();
            note(load.known, one, sent);
          }
          if (sent?.whole) continue;
          load.unanswered.push(one);
          return;
        }
      };
      await Promise.all(Array.from({ length: SENDERS }, send));
    },
    stop() {
      running = false;
    },
  };
  return load;
}

/** Whatever is sent is good; a decision alone may come too late for what was seen. */
function note(known: Acknowledged, one: Package, { status, answers, text }: Sent): void {
  if (one.decision !== null) {
    if (status === 409) return;
    if (status > 201) throw new Error(`A decision was answered ${status}: ${text}`);
    known.decisions.add(one.decision);
    return;
  }
  if (status >= 400) throw new Error(`Good resources were answered ${status}: ${text}`);
  acknowledge(known, one, answers);
}
