import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { SiteSecrets } from '../identity/site-secrets.ts';
import type { SiteConnection } from '../study/connection.ts';
import { type ClientParts, createPullClient, type PullClient } from './client.ts';
import { createTokenSource } from './token.ts';

/** What a client takes from the machine; each fixed by tests. */
export type Machine = Omit<ClientParts, 'tokens'> & { randomId: () => string };

/** The network, the clock and the dice of this machine. */
export const MACHINE: Machine = {
  fetch: (url, init) => fetch(url, init),
  clock: () => Date.now(),
  sleep: (milliseconds) => setTimeout(milliseconds),
  randomId: randomUUID,
};

/** The client of one site as site.yaml and the key folder say. */
export function clientForSite(
  connection: SiteConnection,
  secrets: Pick<SiteSecrets, 'clientKey'>,
  machine: Machine = MACHINE,
): PullClient {
  const tokens = connection.smart
    ? createTokenSource(connection.smart, secrets.clientKey, { ...connection, ...machine })
    : null;
  return createPullClient(connection, { ...machine, tokens });
}
