import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basePath, type Client, type ClientKeys, type ClientKind, isClientId } from '../auth/client.ts';
import { readKeySet } from '../auth/key-set.ts';
import { readKeyUrl } from '../auth/key-url.ts';
import { authRefusal, isAuthRefusal } from '../auth/refusal.ts';
import { readScopes, writeScopes } from '../auth/scopes.ts';
import { TOKEN_PATH } from '../auth/settings.ts';
import { addClient, type ClientLedger, listClients, ownerOf, revokeClient } from '../pipeline/clients.ts';
import { CannotStart, EXIT } from './exit.ts';
import { commandActor, expectStore, namedSite, openSites, openStore } from './open.ts';

const MAX_JWKS_BYTES = 64 * 1024;
const LONGEST_NAME = 200;

export interface ClientOptions {
  store: string;
}

export interface ClientAddOptions extends ClientOptions {
  sites: string;
  id?: string | undefined;
  name: string;
  site?: string | undefined;
  registry?: string | undefined;
  operator?: boolean | undefined;
  jwks?: string | undefined;
  jwksUrl?: string | undefined;
  scope: string;
}

/** Adds a client and prints what its makers need. The store is made when there is none yet. */
export async function clientAdd(options: ClientAddOptions): Promise<number> {
  const { name } = options;
  const id = options.id ?? randomUUID();
  if (!isClientId(id)) throw new CannotStart('--id takes 3 to 64 letters, digits, dots, hyphens or underscores.');
  if (!isName(name)) throw new CannotStart(`--name takes 1 to ${LONGEST_NAME} characters on one line.`);
  const scopes = scopesFrom(options.scope);
  const keys = await keysFrom(options);
  const client = { id, name, ...(await ownerFrom(options)), scopes, keys };
  return onLedger(options, async (ledger) => {
    if (!(await addClient(ledger, client)))
      throw new CannotStart('There is a client with this --id, or was one: ids are never used again.');
    const lines = [
      `client id:  ${id}`,
      `belongs to: ${ownerOf(client)}`,
      `scopes:     ${scopes}`,
      `token URL:  <base URL of the service>${TOKEN_PATH}`,
      `base:       <base URL of the service>${basePath(client)}`,
    ];
    if ('jwksUrl' in client.keys) lines.push('The host of its JWKS URL must be on the list of allowed hosts.');
    process.stdout.write(`${lines.join('\n')}\n`);
    return EXIT.done;
  });
}

/** Lists all clients, revoked ones too: id, owner, scopes, since when, until when, name. */
export async function clientList(options: ClientOptions): Promise<number> {
  await expectStore(options.store);
  return onLedger(options, async (ledger) => {
    const clients = await listClients(ledger);
    for (const client of clients) {
      const keys = 'jwksUrl' in client.keys ? 'keys by URL' : `${client.keys.jwks.keys.length} keys`;
      const until = client.revokedAt === null ? 'stands' : `revoked ${client.revokedAt}`;
      const row = [client.id, ownerOf(client), client.scopes, keys, `added ${client.createdAt}`, until, client.name];
      process.stdout.write(`${row.join('\t')}\n`);
    }
    process.stdout.write(`${clients.length} clients\n`);
    return EXIT.done;
  });
}

/** Revokes a client: it gets no more tokens, and those it has are refused from now on. */
export async function clientRevoke(id: string, options: ClientOptions): Promise<number> {
  await expectStore(options.store);
  return onLedger(options, async (ledger) => {
    const revoked = await revokeClient(ledger, id);
    if (revoked === null) throw new CannotStart('There is no such client: client list shows them all.');
    process.stdout.write(revoked ? `revoked: ${id}\n` : `was revoked before: ${id}\n`);
    return EXIT.done;
  });
}

/** Clients need neither study nor keys. */
async function onLedger(options: ClientOptions, run: (ledger: ClientLedger) => Promise<number>): Promise<number> {
  const store = await openStore(options.store);
  try {
    return await run({ store, clock: () => Date.now(), actor: commandActor() });
  } finally {
    await store.close();
  }
}

function isName(name: string): boolean {
  return /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(name) && name.length <= LONGEST_NAME;
}

async function ownerFrom(given: ClientAddOptions): Promise<Pick<Client, 'kind' | 'site' | 'registry'>> {
  const said = { site: given.site, registry: given.registry, operator: given.operator || undefined };
  const kinds = (Object.keys(said) as ClientKind[]).filter((kind) => said[kind] !== undefined);
  if (kinds.length !== 1) throw new CannotStart('Say whose client it is: one of --site, --registry, --operator.');
  if (given.registry !== undefined && !isName(given.registry))
    throw new CannotStart(`--registry takes a name of 1 to ${LONGEST_NAME} characters on one line.`);
  const site = given.site === undefined ? null : namedSite({ sites: await openSites(given.sites) }, given.site);
  return { kind: kinds[0]!, site: site?.id ?? null, registry: given.registry ?? null };
}

function scopesFrom(given: string): string {
  const { scopes, unknown } = readScopes(given);
  if (unknown.length > 0 || scopes.size === 0)
    throw new CannotStart(
      `--scope takes SMART system scopes such as "system/*.cruds" or "system/Patient.read"${unknown.length > 0 ? `, not ${unknown.join(' ')}` : ''}.`,
    );
  return writeScopes(scopes);
}

async function keysFrom({ jwks, jwksUrl }: ClientAddOptions): Promise<ClientKeys> {
  if ((jwks === undefined) === (jwksUrl === undefined))
    throw new CannotStart('Say where its public keys are: one of --jwks and --jwks-url.');
  if (jwksUrl !== undefined) {
    if (!readKeyUrl(jwksUrl)) throw new CannotStart(authRefusal('jwks-url').message);
    return { jwksUrl };
  }
  const file = await stat(jwks!).catch(() => null);
  if (!file?.isFile()) throw new CannotStart('The file given with --jwks cannot be read, or is not there.');
  if (file.size > MAX_JWKS_BYTES) throw new CannotStart(authRefusal('jwks-too-large').message);
  const text = await readFile(jwks!, 'utf8').catch(() => '');
  const set = await readKeySet(parsed(text));
  if (isAuthRefusal(set)) throw new CannotStart(set.message);
  return { jwks: set };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
