import type { Gateway } from '../pipeline/gateway.ts';
import { ageQuarantine, contentOfRow } from '../pipeline/quarantine.ts';
import { canBeRetried, retryQuarantine } from '../pipeline/quarantine-retry.ts';
import { screenAll } from '../pipeline/screen.ts';
import type { QuarantineRow } from '../store/quarantine-rows.ts';
import { contentText, quarantineLines, quarantineText, retriedText } from '../views/quarantine-list.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { expectStore, namedSite, type OpenOptions, openDefinitions, withGateway } from './open.ts';

export interface QuarantineOptions extends OpenOptions {
  site?: string | undefined;
  asOf?: string | undefined;
}

/** Lists what is open, of one hospital or for one reason. */
export async function quarantineList(options: QuarantineOptions & { reason?: string | undefined }): Promise<number> {
  return onQuarantine(options, async ({ store }) => {
    const { site, reason } = options;
    const rows = await store.withTransaction(({ hospital }) => hospital.openQuarantine({ site, reason }));
    process.stdout.write(quarantineLines(rows.map((row) => ({ ...row, retryable: canBeRetried(row) }))));
    return rows.length > 0 ? EXIT.setAside : EXIT.done;
  });
}

/** Shows one row; with `content` what was refused as well, which may say who somebody is and is audited. */
export async function quarantineShow(
  id: string,
  options: QuarantineOptions & { content?: boolean | undefined },
): Promise<number> {
  return onQuarantine(options, async (gateway) => {
    const row = await rowOf(gateway, id, options.site);
    process.stdout.write(quarantineText({ ...row, retryable: canBeRetried(row) }));
    const content = options.content ? await contentOfRow(gateway, row) : null;
    if (!content) return EXIT.done;
    const at = new Date(gateway.clock()).toISOString();
    const audit = { at, actor: gateway.actor, action: 'quarantine-content-shown', object: id, detail: null };
    // Before it is shown: what is not in the audit is not seen.
    await gateway.store.withTransaction((tx) => tx.addAudit(audit));
    process.stdout.write(contentText(content));
    return EXIT.done;
  });
}

/** Tries again what is named, or everything open that can be, then screens everybody if anything was taken in. */
export async function quarantineRetry(
  ids: readonly string[],
  options: QuarantineOptions & { all?: boolean | undefined },
): Promise<number> {
  if (ids.length > 0 === (options.all === true)) throw new CannotStart('Give ids of quarantine list, or --all.');
  return onQuarantine(options, async (gateway, now) => {
    const asked = options.all ? await openOf(gateway, options.site) : ids;
    for (const id of options.all ? [] : ids) await rowOf(gateway, id, options.site);
    const done = await retryQuarantine(gateway, asked);
    process.stdout.write(retriedText(done));
    if (done.some(({ outcome }) => outcome === 'resolved')) {
      const { subjects, counted } = await screenAll(gateway, now);
      const others = [...counted.values()].reduce((sum, people) => sum + people, 0);
      process.stdout.write(`screened: ${subjects + others} people, ${subjects} subjects\n`);
    }
    return done.every(({ outcome }) => outcome.startsWith('resolved')) ? EXIT.done : EXIT.setAside;
  });
}

async function openOf({ store }: Gateway, site: string | undefined): Promise<string[]> {
  const rows = await store.withTransaction(({ hospital }) => hospital.openQuarantine({ site }));
  return rows.filter(canBeRetried).map(({ id }) => id);
}

async function rowOf({ store }: Gateway, id: string, site: string | undefined): Promise<QuarantineRow> {
  const row = await store.withTransaction(({ hospital }) => hospital.quarantined(id));
  if (row && (site === undefined || row.site === site)) return row;
  throw new CannotStart(`The quarantine of this store has no row ${id}, or it is of another --site.`);
}

async function onQuarantine(
  options: QuarantineOptions,
  run: (gateway: Gateway, now: number) => Promise<number>,
): Promise<number> {
  const definitions = await openDefinitions(options);
  namedSite(definitions, options.site);
  const now = clockOf(options.asOf, definitions.loaded.study.timezone, Date.now());
  await expectStore(options.store);
  return withGateway(definitions, options, async (gateway) => {
    await ageQuarantine(gateway);
    return run(gateway, now);
  });
}
