import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Verified } from '../delivery/compare.ts';
import { isDeliveryRefusal } from '../delivery/refusal.ts';
import type { Target } from '../delivery/target.ts';
import { isKeyRefusal } from '../identity/key-refusal.ts';
import { readTargetSecrets } from '../identity/target-secrets.ts';
import { createDeliverer } from '../jobs/deliver-targets.ts';
import { clientForTarget, missingSecret } from '../jobs/target-clients.ts';
import { verifyTarget } from '../jobs/verify.ts';
import type { Store } from '../store/store.ts';
import { deliveryList, releasedList, verifiedTable } from '../views/delivery-list.ts';
import { CannotStart, EXIT } from './exit.ts';
import { expectStore, openSites, openStore, openTargets } from './open.ts';

export interface DeliveryOptions {
  sites: string;
  targets: string;
  store: string;
  keys?: string | undefined;
  subject?: string | undefined;
}

/** Lists what is to be delivered and what failed; with `subject` everything of one person that was ever released. */
export async function deliveryListCommand(target: string | undefined, options: DeliveryOptions): Promise<number> {
  return withStore(options, async (store) => {
    const text = await store.read(async ({ study }) =>
      options.subject === undefined
        ? deliveryList(await study.deliveryCounts(), await study.deliveriesIn('failed'), target ?? null)
        : releasedList(await study.releasedOf(options.subject)),
    );
    process.stdout.write(text);
    return EXIT.done;
  });
}

/** Lets what failed or was put off wait to be delivered from now on; the service does it, or `delivery verify`. */
export async function deliveryRetryCommand(id: string, options: DeliveryOptions): Promise<number> {
  const target = await targetNamed(id, options);
  return withStore(options, async (store) => {
    const now = new Date().toISOString();
    const count = await store.withTransaction((tx) => tx.study.retryDeliveries(target.id, now));
    process.stdout.write(`${count} resources wait to be delivered again.\n`);
    return EXIT.done;
  });
}

/** Compares a target with what it should have, delivers what is lacking, and compares again. */
export async function deliveryVerifyCommand(id: string, options: DeliveryOptions): Promise<number> {
  const target = await targetNamed(id, options);
  return withStore(options, async (store) => {
    const { client } = await connected(target, resolve(options.keys ?? `${options.store}.keys`));
    const parts = { store, target, client, clock: () => Date.now() };
    const before = await verifyTarget(parts);
    if (isDeliveryRefusal(before)) return refused(before);
    // Without `recover`: a service beside this command has claims of its own.
    const deliverer = createDeliverer({
      ...parts,
      targets: [parts],
      random: Math.random,
      newId: randomUUID,
      told: () => {},
    });
    await deliverer.drain();
    const after = await verifyTarget(parts);
    if (isDeliveryRefusal(after)) return refused(after);
    process.stdout.write(verifiedTable(before, after));
    return isEqual(after) ? EXIT.done : EXIT.setAside;
  });
}

/** The targets of a service with their clients; a secret that is missing ends the start. */
export async function connectedTargets(targets: readonly Target[], keyFolder: string) {
  return Promise.all(targets.map((target) => connected(target, keyFolder)));
}

async function connected(target: Target, keyFolder: string) {
  const secrets = await readTargetSecrets(keyFolder, target.id);
  if (isKeyRefusal(secrets)) throw new CannotStart(secrets.message);
  const missing = missingSecret(target, secrets);
  if (missing !== null)
    throw new CannotStart(`Target ${target.id} needs ${missing} in the key folder: put it there, with chmod 600.`);
  return { target, client: clientForTarget(target, secrets) };
}

async function targetNamed(id: string, options: DeliveryOptions): Promise<Target> {
  const targets = await openTargets(options.targets, await openSites(options.sites));
  const found = targets.find((one) => one.id === id);
  if (!found)
    throw new CannotStart(
      `There is no target "${id}": known are ${targets.map((one) => one.id).join(', ') || 'none'}.`,
    );
  return found;
}

async function withStore(options: DeliveryOptions, run: (store: Store) => Promise<number>): Promise<number> {
  await expectStore(options.store);
  const store = await openStore(options.store);
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

function refused({ code, message }: { code: string; message: string }): number {
  process.stderr.write(`The target could not be compared (${code}): ${message}\n`);
  return EXIT.setAside;
}

const isEqual = ({ equal: _, ...rest }: Verified) => Object.values(rest).every((count) => count === 0);
