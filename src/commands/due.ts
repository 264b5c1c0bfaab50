import { dueRows, dueTable } from '../views/due.ts';
import { clockOf } from './clock.ts';
import { EXIT } from './exit.ts';
import { expectStore, namedSite, type OpenOptions, openDefinitions, withGateway } from './open.ts';

export interface DueOptions extends OpenOptions {
  site?: string | undefined;
  asOf?: string | undefined;
  format: 'table' | 'json';
}

/** Lists what the study team is to do about draws, specimens and adverse events, and what is overdue. */
export async function dueCommand(options: DueOptions): Promise<number> {
  const definitions = await openDefinitions(options);
  const site = namedSite(definitions, options.site);
  const now = clockOf(options.asOf, definitions.loaded.study.timezone, Date.now());
  await expectStore(options.store);
  return withGateway(definitions, options, async (gateway) => {
    const tasks = await gateway.store.withTransaction(({ hospital }) => hospital.openTasks());
    const rows = dueRows(tasks, now, site?.id ?? null);
    process.stdout.write(
      options.format === 'json'
        ? rows.map((row) => `${JSON.stringify(row)}\n`).join('')
        : dueTable(rows, (id) => gateway.sites.get(id)?.timezone ?? 'UTC'),
    );
    return EXIT.done;
  });
}
