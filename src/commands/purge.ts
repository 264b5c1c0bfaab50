import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { purge } from '../pipeline/purge.ts';
import { purgeReportText } from '../views/purge-report.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { expectStore, makeFolder, type OpenOptions, openDefinitions, withGateway } from './open.ts';

export interface PurgeOptions extends OpenOptions {
  asOf?: string | undefined;
  /** Nothing is deleted; the report says what would be. */
  dryRun?: boolean | undefined;
  /** Folder of the proof report. */
  out: string;
}

/**
 * Purges people who never consented and whose time is over; prints the proof report and keeps it as
 * `purge-<instant>.json` and `.txt` (`purge-dry-run-<instant>` when nothing was deleted). An older report is never
 * overwritten.
 */
export async function purgeCommand(options: PurgeOptions): Promise<number> {
  const definitions = await openDefinitions(options);
  const wall = Date.now();
  const now = clockOf(options.asOf, definitions.loaded.study.timezone, wall);
  const dryRun = options.dryRun === true;
  const nextDay = 86_400_000;
  if (!dryRun && now > wall + nextDay) {
    throw new CannotStart('--as-of lies in the future: what is deleted cannot be brought back. Use --dry-run to look.');
  }
  await expectStore(options.store);
  await makeFolder(resolve(options.out));
  return withGateway(definitions, options, async (gateway) => {
    const report = await purge(gateway, now, { dryRun });
    const text = purgeReportText(report);
    const name = `purge-${dryRun ? 'dry-run-' : ''}${report.at.replaceAll(':', '')}`;
    const file = join(resolve(options.out), name);
    process.stdout.write(text);
    await writeFile(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await writeFile(`${file}.txt`, text, { mode: 0o600, flag: 'wx' });
    process.stdout.write(`\nThe report is ${file}.json and .txt.\n`);
    return EXIT.done;
  });
}
