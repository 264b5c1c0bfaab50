import { ClientStorage, MedplumClient, MemoryStorage } from '@medplum/core';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { createExchange, type ExchangeParts } from './exchange.ts';
import { searchFor } from './identity.ts';
import { type DeliveryRefusal, deliveryRefusal, isDeliveryRefusal } from './refusal.ts';
import type { Entry } from './step.ts';
import type { Target } from './target.ts';

/** What became of one entry. */
export interface EntryAnswer {
  status: number;
  /** Id at the target, where the answer says it. */
  remote: string | null;
}

/** One target, spoken to as any R4 server. */
export interface TargetClient {
  /** One transaction; an answer for each entry, since some servers take entries one by one. */
  send(entries: readonly Entry[]): Promise<EntryAnswer[] | DeliveryRefusal>;
  /** Resources of ours there, by their pseudonymous ids; several with the same when something made them twice. */
  find(type: string, ids: readonly string[]): Promise<FhirResource[] | DeliveryRefusal>;
  /** @param remote id at the target */
  exists(type: string, remote: string): Promise<boolean | DeliveryRefusal>;
  /** @param remote id at the target */
  remove(type: string, remote: string): Promise<DeliveryRefusal | null>;
}

type Kind = Parameters<MedplumClient['deleteResource']>[0];

/** Carries a refusal through MedplumClient, which knows exceptions only. */
class Refused extends Error {
  readonly refusal: DeliveryRefusal;
  constructor(refusal: DeliveryRefusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** The client of a target: MedplumClient without its own retries, cache and login. */
export function createTargetClient(target: Target, parts: ExchangeParts): TargetClient {
  const exchange = createExchange(target, parts);
  const url = new URL(target.base);
  const medplum = new MedplumClient({
    baseUrl: `${url.origin}/`,
    fhirUrlPath: url.pathname.replace(/^\//, ''),
    maxRetries: 0,
    cacheTime: 0,
    extendedMode: false,
    logLevel: 'none',
    storage: new ClientStorage(new MemoryStorage()),
    fetch: async (to: string, init: RequestInit) => {
      const answer = await exchange(to, init);
      if (isDeliveryRefusal(answer)) throw new Refused(answer);
      if (answer.json === null) return new Response(null, { status: 204 });
      return Response.json(answer.json);
    },
  });

  async function ask<T>(work: () => Promise<T>): Promise<T | DeliveryRefusal> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
  }

  return {
    async send(entries) {
      const bundle = { resourceType: 'Bundle', type: 'transaction', entry: entries.map(asBundleEntry) };
      const answer: unknown = await ask(() =>
        medplum.executeBatch(bundle as Parameters<MedplumClient['executeBatch']>[0]),
      );
      if (isObject(answer) && isDeliveryRefusal(answer)) return answer;
      const { resourceType, entry } = (answer ?? {}) as Partial<r4.Bundle>;
      if (resourceType !== 'Bundle' || entry?.length !== entries.length) return deliveryRefusal('answer-not-fhir');
      return entry.map(answerOf);
    },
    async find(type, ids) {
      const { parameter, value } = searchFor(type, ids);
      const query = new URLSearchParams({ [parameter]: value, _count: '100' });
      const answer: unknown = await ask(() => medplum.search(type as Kind, query));
      if (isObject(answer) && isDeliveryRefusal(answer)) return answer;
      const { resourceType, entry = [] } = (answer ?? {}) as Partial<r4.Bundle>;
      if (resourceType !== 'Bundle') return deliveryRefusal('answer-not-fhir');
      const found = entry.flatMap(({ resource }) => (resource ? [resource as unknown as FhirResource] : []));
      return found.filter(({ resourceType: of }) => of === type);
    },
    async exists(type, remote) {
      const answer: unknown = await ask(() => medplum.readResource(type as Kind, remote));
      if (!isObject(answer) || !isDeliveryRefusal(answer)) return true;
      return answer.code === 'no-endpoint' ? false : answer;
    },
    async remove(type, remote) {
      const answer: unknown = await ask(() => medplum.deleteResource(type as Kind, remote));
      if (!isObject(answer) || !isDeliveryRefusal(answer)) return null;
      // It is not there any more.
      return answer.code === 'no-endpoint' ? null : answer;
    },
  };
}

function asBundleEntry({ method, url, fullUrl, resource }: Entry): object {
  return { fullUrl, request: { method, url }, ...(resource ? { resource } : {}) };
}

/** FHIR R4, Bundle.entry.response: the status begins with three digits, the location is that of the version. */
function answerOf({ response, resource }: r4.BundleEntry): EntryAnswer {
  const status = Number(/^\d{3}/.exec(response?.status ?? '')?.[0] ?? 0);
  const named = /(?:^|\/)[A-Z][A-Za-z]+\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]*)?$/.exec(response?.location ?? '');
  return { status, remote: named?.[1] ?? resource?.id ?? null };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
