import { randomBytes, randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { Client } from 'fhir-kit-client';
import { exportJWK, generateKeyPair } from 'jose';
import { createAuth } from '../src/auth/service.ts';
import { openDefinitions, openGateway } from '../src/commands/open.ts';
import { registrySide } from '../src/commands/registry-area.ts';
import { openAgreements } from '../src/commands/release-desk.ts';
import { readSettings, type Settings } from '../src/config.ts';
import type { r4 } from '../src/fhir/resource.ts';
import { createApp } from '../src/http/app.ts';
import { tokenArea } from '../src/http/auth/area.ts';
import { createRateLimits } from '../src/http/rate.ts';
import { listen, type Service } from '../src/http/serve.ts';
import { isKeyRefusal } from '../src/identity/key-refusal.ts';
import { openSigningKey } from '../src/identity/signing-key.ts';
import { createHealth } from '../src/operations/health.ts';
import { createLog } from '../src/operations/log.ts';
import { createMetrics } from '../src/operations/metrics.ts';
import { addClient, clientDesk, revokeClient } from '../src/pipeline/clients.ts';
import type { Gateway } from '../src/pipeline/gateway.ts';
import { MACHINE } from '../src/pull/for-site.ts';
import { createTokenSource } from '../src/pull/token.ts';

const REGISTRY = 'liver-omics';
const SCOPE = 'system/*.rs';

/** What registries reach of the service over the store of the demo, and a token of one of them. */
export interface DemoApi {
  url: string;
  token: string;
  close(): Promise<void>;
}

/** Screening does not run beside it: it would move people to today, and the demo stands at its day. */
export async function openDemoApi(out: string): Promise<DemoApi> {
  const store = join(out, 'study-gateway.sqlite');
  const read = readSettings({ port: '0', store, targets: join(out, 'none') }, {});
  if (!read.ok) throw new Error(read.faults.join(' '));
  const definitions = await openDefinitions(read.values);
  const gateway: Gateway = { ...(await openGateway(definitions, { store })), actor: 'demo' };
  const id = `demo-${randomUUID()}`;
  const { url, close } = await started(gateway, read.values);
  return {
    url,
    token: await tokenFor(gateway, id, url),
    async close() {
      await revokeClient(gateway, id);
      await close();
    },
  };
}

/** Reads it as a registry does, with a FHIR client. */
export async function showResearchApi(out: string): Promise<number> {
  const { url, token, close } = await openDemoApi(out);
  try {
    for (const line of await seen(new Client({ baseUrl: `${url}/fhir`, bearerToken: token })))
      process.stdout.write(`${line}\n`);
    return 0;
  } finally {
    await close();
  }
}

async function started(gateway: Gateway, settings: Settings): Promise<Service> {
  const { clock, store } = gateway;
  const keyFolder = resolve(`${settings.store}.keys`);
  const signingKey = await openSigningKey(keyFolder);
  if (isKeyRefusal(signingKey)) throw new Error(signingKey.message);
  const agreements = await openAgreements(settings.agreements, gateway);
  const [log, metrics] = [createLog('error', process.stderr, clock), createMetrics()];
  const rates = createRateLimits(settings, randomBytes(32));
  const registries = await registrySide({ gateway, settings, rates }, agreements, keyFolder, (error) => {
    throw error;
  });
  const app = (baseUrl: string) => {
    const auth = createAuth({
      settings: { ...settings, baseUrl, loopbackHttp: true },
      clients: clientDesk(store, clock),
      signingKey,
      clock,
      newId: randomUUID,
    });
    const areas = [tokenArea(auth), registries.area(auth, baseUrl, new Date(clock()).toISOString())];
    return createApp({ settings, log, metrics, health: createHealth(1_000), rates, clock, newId: randomUUID, areas });
  };
  return listen(settings, { log, metrics, app, closers: [() => registries.stop(), () => store.close()] });
}

/** Adds a client of the registry with a key of its own, and asks for a token by SMART Backend Services. */
async function tokenFor(gateway: Gateway, id: string, url: string): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'demo', alg: 'ES384' }] };
  const owner = { kind: 'registry' as const, site: null, registry: REGISTRY };
  await addClient(gateway, { id, name: 'demo', ...owner, scopes: SCOPE, keys: { jwks } as never });
  const settings = { tokenUrl: `${url}/auth/token`, clientId: id, scope: SCOPE };
  const key = { ...(await exportJWK(privateKey)), kid: 'demo' };
  const limits = { timeoutMilliseconds: 10_000, maxAnswerBytes: 1024 * 1024 };
  const token = await createTokenSource(settings, key, { ...MACHINE, ...limits, clock: gateway.clock }).token();
  if (typeof token !== 'string') throw new Error(token.code);
  return token;
}

/** What a registry sees: types, how many of each, and everything of one person. */
async function seen(client: Client): Promise<string[]> {
  const statement = (await client.capabilityStatement()) as unknown as r4.CapabilityStatement;
  const types = statement.rest?.[0]?.resource?.map(({ type }) => type) ?? [];
  const lines = [`fhir-kit-client reads /fhir as the registry ${REGISTRY}: the service knows ${types.length} types`];
  for (const resourceType of ['Patient', 'ResearchSubject', 'Specimen', 'AdverseEvent']) {
    const searchParams = { _total: 'accurate', _count: 1 };
    const answer = await client.search({ resourceType, searchParams }).catch((error: unknown) => error);
    const { total, response } = answer as { total?: number; response?: { status: number } };
    lines.push(`  ${resourceType}: ${total ?? `${response?.status}, not in its agreement`}`);
  }
  const specimens = (await client.search({ resourceType: 'Specimen' })) as unknown as r4.Bundle;
  const donors = Map.groupBy(specimens.entry ?? [], ({ resource }) => (resource as r4.Specimen).subject!.reference!);
  const [donor] = [...donors].sort(([, a], [, b]) => b.length - a.length)[0]!;
  const everything = (await client.request(`${donor}/$everything`)) as unknown as r4.Bundle;
  const of = Map.groupBy(everything.entry ?? [], ({ resource }) => resource!.resourceType);
  const counts = [...of].map(([type, all]) => `${type} ${all.length}`).sort();
  return [...lines, `  $everything of who gave the most specimens: ${counts.join(', ')}`];
}
