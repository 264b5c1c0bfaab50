import { join, resolve } from 'node:path';
import { tableSource } from '../pipeline/table-source.ts';
import { TABLE_FORMATS, type TableFile, type TableFormat, type TablesInput } from '../tables/input.ts';
import { loadTables } from '../tables/load.ts';
import { tableFiles } from '../tables/tables.ts';
import { ViewRefused } from '../tables/view/run.ts';
import { writeOwnerOnly } from '../views/files.ts';
import { breaksRules, gapLines } from '../views/table-gaps.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { faultLines } from './fault-lines.ts';
import { expectStore, makeFolder, namedSite, type OpenOptions, openDefinitions, withGateway } from './open.ts';
import { HOME } from './place.ts';

export interface TablesOptions extends OpenOptions {
  site?: string | undefined;
  asOf?: string | undefined;
  out: string;
  /** Without one: all. */
  format?: TableFormat | undefined;
}

/** Writes the tables of everybody with a research record, for the hospital's study team; audited. */
export async function tablesCommand(options: TablesOptions): Promise<number> {
  const { folder, ...definitions } = await openDefinitions(options);
  const { study } = definitions.loaded;
  const site = namedSite(definitions, options.site);
  const now = clockOf(options.asOf, study.timezone, Date.now());
  const loaded = await loadTables(HOME, folder, study);
  if (!loaded.ok) throw new CannotStart(`The tables have mistakes:\n${faultLines(loaded.faults)}`);
  await expectStore(options.store);
  await makeFolder(resolve(options.out));
  const formats = options.format ? [options.format] : TABLE_FORMATS;
  return withGateway({ folder, ...definitions }, options, async (gateway) => {
    const source = await tableSource(gateway, now, site?.id ?? null);
    const createdAt = new Date(now).toISOString();
    const files = await made({ ...source, definitions: loaded.value, formats, createdAt, studyVersion: study.version });
    const people = source.subjects.length;
    const detail = `${formats.join(' ')}: ${files.length} files, ${people} people${site ? ` of ${site.id}` : ''}`;
    const at = new Date(gateway.clock()).toISOString();
    await gateway.store.withTransaction((tx) =>
      tx.addAudit({ at, actor: gateway.actor, action: 'tables', object: null, detail }),
    );
    for (const { name, content } of files) await writeOwnerOnly(join(resolve(options.out), name), content);
    process.stdout.write(told(files, people, resolve(options.out)));
    return breaksRules(files) ? EXIT.setAside : EXIT.done;
  });
}

/** All are made before the first is written, so that nothing half-written stays. */
async function made(input: TablesInput): Promise<TableFile[]> {
  const files: TableFile[] = [];
  try {
    for await (const file of tableFiles(input)) files.push(file);
  } catch (error) {
    if (error instanceof ViewRefused) throw new CannotStart(error.message);
    throw error;
  }
  return files;
}

function told(files: readonly TableFile[], people: number, out: string): string {
  const lines = files.flatMap(({ name, gaps }) => [name, ...gapLines(gaps)]);
  return `${lines.join('\n')}\n${files.length} files about ${people} people are in ${out}.\n`;
}
