import type { Target } from '../../src/delivery/target.ts';
import { DELIVERED_TYPES } from '../../src/delivery/target.ts';
import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import { createDeliverer, type DeliveryEvent } from '../../src/jobs/deliver-targets.ts';
import type { Runner } from '../../src/jobs/runner-loop.ts';
import { clientForTarget } from '../../src/jobs/target-clients.ts';
import { verifyTarget } from '../../src/jobs/verify.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import type { DeliveryRow } from '../../src/store/outbox-rows.ts';
import { eligiblePerson } from '../feed/baseline.ts';
import * as b from '../feed/builders.ts';
import { NOW, ndjson, openTestGateway, runOver } from '../pipeline/gateway.ts';
import { studyTeam } from '../pipeline/study-team.ts';
import type { FhirServer } from './server.ts';

const OURS = 'https://study-gateway.example/sid/resource';
const SECRETS = { token: null, secret: null, clientKey: null };

/** A target as its file would say it. */
export function targetAt(server: Pick<FhirServer, 'url'>, given: Partial<Target> = {}): Target {
  return {
    id: 'registry',
    base: server.url,
    side: 'study',
    sites: null,
    types: DELIVERED_TYPES,
    withdrawal: 'delete',
    study: null,
    auth: { kind: 'none' },
    entries: 8,
    parallel: 4,
    timeoutMilliseconds: 2_000,
    ...given,
  };
}

/** A gateway whose changes are delivered to targets, with a clock of the deliverer that the test moves. */
export async function openWorld(targets: Target[], file = ':memory:') {
  const gateway: Gateway = { ...(await openTestGateway(file, { research: true })), targets };
  const time = { now: Date.parse('2025-06-03T00:00:00Z') };
  const clock = () => time.now;
  const events: DeliveryEvent[] = [];
  let claims = 0;
  const machine = { fetch, clock, sleep: async () => {}, randomId: () => 'jti' } as never;
  const clients = targets.map((target) => ({ target, client: clientForTarget(target, SECRETS, machine) }));
  const newDeliverer = (): Runner =>
    createDeliverer({
      store: gateway.store,
      targets: clients,
      clock,
      random: () => 0.5,
      newId: () => `claim-${++claims}`,
      told: (event) => void events.push(event),
    });
  const world = {
    gateway,
    time,
    events,
    newDeliverer,
    deliverer: newDeliverer(),
    decides: studyTeam(gateway),
    take: (resources: readonly FhirResource[], now = NOW) => runOver(gateway, { feed: ndjson(resources) }, { now }),
    /** Delivers until nothing waits, letting time pass for what was put off. */
    async settle(rounds = 20): Promise<void> {
      for (let round = 0; round < rounds; round++) {
        await world.deliverer.drain();
        if ((await world.rows('waiting')).length === 0) return;
        time.now += 20 * 60_000;
      }
      throw new Error('Something waits for ever.');
    },
    rows: (state: DeliveryRow['state']) => gateway.store.read((tx) => tx.study.deliveriesIn(state)),
    verify: (index = 0) => verifyTarget({ store: gateway.store, ...clients[index]!, clock }),
    subjects: () => gateway.store.read((tx) => tx.study.subjects()),
    /** Standing research resources and ResearchSubjects of consenting people, as the store has them. */
    async ours(): Promise<Record<string, unknown>> {
      return gateway.store.read(async (tx) => {
        const found: Record<string, unknown> = {};
        for (const { id, body } of await tx.study.subjects()) {
          const research = (await tx.study.researchOf(id)).filter(({ deleted }) => !deleted);
          if (research.length === 0) continue;
          for (const row of [...research, { type: 'ResearchSubject', id, body }]) {
            const { id: _, meta: __, ...content } = JSON.parse(row.body);
            found[`${row.type}/${row.id}`] = content;
          }
        }
        return found;
      });
    },
    async close() {
      await world.deliverer.stop();
      await gateway.store.close();
    },
  };
  return world;
}

export type World = Awaited<ReturnType<typeof openWorld>>;

/** What a target has, as we would say it: under our ids, references turned back. Twice the same is a failure. */
export async function theirs(server: FhirServer): Promise<Record<string, unknown>> {
  const all = await server.all();
  const names = new Map(all.map((one) => [`${one.resourceType}/${one.id}`, `${one.resourceType}/${ownId(one)}`]));
  const found: Record<string, unknown> = {};
  for (const resource of all) {
    const name = names.get(`${resource.resourceType}/${resource.id}`)!;
    if (name in found) throw new Error(`twice: ${name}`);
    const { id: _, meta: __, identifier, ...content } = turned(resource, names) as FhirResource;
    const others = ((identifier ?? []) as r4.Identifier[]).filter(({ system }) => system !== OURS);
    found[name] = { ...content, ...(others.length > 0 ? { identifier: others } : {}) };
  }
  return found;
}

function ownId({ identifier, meta }: FhirResource): string | undefined {
  const identifiers = (identifier ?? []) as r4.Identifier[];
  return (
    identifiers.find(({ system }) => system === OURS)?.value ?? meta?.tag?.find(({ system }) => system === OURS)?.code
  );
}

function turned(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => turned(one, names));
  if (typeof value !== 'object' || value === null) return value;
  const { reference, type, identifier, ...rest } = value as r4.Reference;
  if (typeof reference === 'string') return { ...value, reference: names.get(reference) ?? `lost: ${reference}` };
  const logical = identifier as r4.Identifier | undefined;
  if (type === 'ResearchStudy' && logical?.system === OURS) return { ...rest, reference: `${type}/${logical.value}` };
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, turned(child, names)]));
}

/** An eligible, consenting person of a hospital. */
export function person(number: number, site: 'ya' | 'nf' = 'ya', parts: Parameters<typeof eligiblePerson>[1] = {}) {
  return eligiblePerson(b.feedContext(site, number, 'delivery'), parts);
}
