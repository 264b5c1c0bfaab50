import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { addClient } from '../../src/pipeline/clients.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { assertionOf, newSigner, type Signer } from '../../test/auth/signer.ts';
import { cpuOf } from './machine.ts';
import { STORY_NOW } from './story-now.ts';

const HOME = join(import.meta.dirname, '..', '..');
const CLIENT = 'bench-ehr';

/** The whole service as `npm start` runs it, in a process of its own, on a store in a file; what it wrote is read beside it. */
export interface BenchService {
  url: string;
  /** Milliseconds of processor that its process has used so far. */
  cpu(): number;
  /** A new access token of the hospital's client, good for five minutes. */
  token(): Promise<string>;
  /** Resolves when nobody is to be screened any more. */
  drained(): Promise<void>;
  /** Reads the store beside the service. */
  read: DatabaseSync;
  stop(): Promise<void>;
}

/**
 * @param prepare fills the store before the service begins; gets its file
 * @param profile a folder: the service runs with `--cpu-prof`, and leaves its profile there when it stops
 */
export async function startBenchService(
  options: { prepare?: (store: string) => Promise<void>; profile?: string | undefined } = {},
): Promise<BenchService> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-push-'));
  const store = join(folder, 'store.sqlite');
  await options.prepare?.(store);
  const signer = await newSigner('ES384', 'k1');
  await admit(store, signer);
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...(options.profile ? ['--cpu-prof', '--cpu-prof-dir', options.profile] : []),
      ...['--import', join(import.meta.dirname, 'story-clock.ts')],
      join(HOME, 'src', 'main.ts'),
      'serve',
      ...['--port', '0', '--store', store, '--rate-per-client', '10000000'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const begun = performance.now();
  const url = await listening(child);
  const read = new DatabaseSync(store, { readOnly: true, timeout: 5_000 });
  const pending = read.prepare('SELECT EXISTS (SELECT 1 FROM hospital_pending) AS some');
  return {
    url,
    read,
    cpu: () => cpuOf(child.pid!),
    token: () => tokenFrom(url, signer, begun),
    async drained() {
      while ((pending.get() as { some: number }).some === 1) await setTimeout(2);
    },
    async stop() {
      read.close();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

async function admit(file: string, { jwk }: Signer): Promise<void> {
  const store = await openSqliteStore(file);
  const keys = { jwks: { keys: [jwk] } } as Parameters<typeof addClient>[1]['keys'];
  const client = { id: CLIENT, name: 'bench', kind: 'site', site: 'ya', registry: null } as const;
  await addClient({ store, clock: Date.now, actor: 'bench' }, { ...client, scopes: 'system/*.cruds', keys });
  await store.close();
}

/** The URL that the service prints once it listens. */
async function listening(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    said.push(line);
    const url = /listens at (http:\S+?)[.,]?(?:\s|$)/.exec(line)?.[1];
    if (url) {
      child.stderr!.resume();
      return url;
    }
  }
  throw new Error(`The service did not begin:\n${said.join('\n')}`);
}

async function tokenFrom(url: string, signer: Signer, begun: number): Promise<string> {
  const now = Math.floor((STORY_NOW + performance.now() - begun) / 1_000);
  const assertion = await assertionOf(signer, { client: CLIENT, audience: `${url}/auth/token`, now });
  const answer = await fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/*.cruds',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  const body = (await answer.json()) as { access_token?: string };
  if (!body.access_token) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body.access_token;
}
