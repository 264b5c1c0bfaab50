import type { Gateway } from '../pipeline/gateway.ts';
import { replay, trace } from '../pipeline/replay.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { expectStore, type OpenOptions, openDefinitions, withGateway } from './open.ts';

export interface ResearchOptions extends OpenOptions {
  asOf?: string | undefined;
}

/** Rebuilds a subject's research record and compares it byte for byte with the stored one. */
export async function replayCommand(given: string, options: ResearchOptions): Promise<number> {
  return onStore(options, async (gateway, now) => {
    const result = await replay(gateway, given.replace(/^ResearchSubject\//, ''), now);
    if (!result) throw new CannotStart('There is no such subject in this store.');
    const wrong = result.different.length + result.missing.length + result.surplus.length;
    process.stdout.write(`${result.equal.length} resources equal byte for byte, ${wrong} not\n`);
    for (const kind of ['different', 'missing', 'surplus'] as const) {
      for (const name of result[kind]) process.stdout.write(`${kind}: ${name}\n`);
    }
    return wrong > 0 ? EXIT.setAside : EXIT.done;
  });
}

/** Tells from which hospital resource a research resource was made; audited. */
export async function traceCommand(research: string, options: ResearchOptions): Promise<number> {
  return onStore(options, async (gateway) => {
    const row = await trace(gateway, research);
    if (!row)
      throw new CannotStart(`Nothing was made under that name: give Type/<id> of a research resource that stands.`);
    const { site, source, versionId, hash, map, studyVersion, at, subject } = row;
    const version = versionId ? `/_history/${versionId}` : '';
    process.stdout.write(
      `${research} of ResearchSubject/${subject}\n  from ${source}${version} at ${site} (hash ${hash})\n  by ${map} under ${studyVersion} on ${at}\n`,
    );
    return EXIT.done;
  });
}

/** Lists what may not pass to the study side as it is, with the reason. */
export async function heldCommand(options: ResearchOptions): Promise<number> {
  return onStore(options, async (gateway) => {
    const rows = await gateway.store.withTransaction(({ hospital }) => hospital.held());
    for (const { subject, source, reason, expression, message } of rows) {
      process.stdout.write(
        `ResearchSubject/${subject} ${source} ${reason}${expression ? ` ${expression}` : ''}: ${message}\n`,
      );
    }
    process.stdout.write(`${rows.length} held\n`);
    return rows.length > 0 ? EXIT.setAside : EXIT.done;
  });
}

async function onStore(
  options: ResearchOptions,
  run: (gateway: Gateway, now: number) => Promise<number>,
): Promise<number> {
  const definitions = await openDefinitions(options);
  const now = clockOf(options.asOf, definitions.loaded.study.timezone, Date.now());
  await expectStore(options.store);
  return withGateway(definitions, options, (gateway) => run(gateway, now));
}
