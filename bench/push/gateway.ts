import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDefinitions, openGateway } from '../../src/commands/open.ts';
import type { FhirResource } from '../../src/fhir/resource.ts';
import { arrivalsOf } from '../../src/intake/bundle.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import { push } from '../../src/pipeline/push.ts';
import { STORY_NOW } from './story-now.ts';

const HOME = join(import.meta.dirname, '..', '..');

/** The write path without HTTP, on a store in a file. */
export interface BenchGateway {
  gateway: Gateway;
  file: string;
  close(): Promise<void>;
}

export async function openBenchGateway(): Promise<BenchGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-push-'));
  const file = join(folder, 'store.sqlite');
  const definitions = await openDefinitions({ study: 'nct07265544', sites: join(HOME, 'sites') });
  // As the service opens it.
  const opened = await openGateway(definitions, { store: file, remember: true });
  await opened.research?.();
  return {
    gateway: { ...opened, clock: () => STORY_NOW, actor: 'bench' },
    file,
    async close() {
      await opened.store.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Resources of one hospital in one transaction; nothing of them may be refused. */
export async function pushAll(gateway: Gateway, resources: readonly FhirResource[]): Promise<void> {
  const place = { file: 'bench', line: null, entry: null };
  const items = resources.flatMap((one) =>
    [...arrivalsOf(one, place, false)].map((arrival) => ({ arrival, condition: null })),
  );
  const done = await push(gateway, gateway.sites.get('ya')!, items, { atomic: true });
  const failed = done.find(({ kind }) => kind !== 'written');
  if (failed) throw new Error(JSON.stringify(failed));
}
