import type { FhirResource, r4 } from '../../src/fhir/resource.ts';
import { assertionOf, type Signer } from '../auth/signer.ts';

export interface Manifest {
  transactionTime: string;
  request: string;
  requiresAccessToken: boolean;
  output: { type: string; url: string; count: number }[];
  deleted: { type: string; url: string; count: number }[];
  error: { type: string; url: string; count: number }[];
}

export interface BulkClient {
  /** Kicks off, waits, gives the manifest. */
  export(path: string, parameters?: Record<string, string>): Promise<Manifest>;
  /** Every line of files of a manifest. */
  read(files: readonly { url: string; count: number }[]): Promise<FhirResource[]>;
  /** A copy of what the server has, by name: brought up to date with a manifest. */
  copy: Map<string, FhirResource>;
  follow(manifest: Manifest): Promise<void>;
  /** How often it had to ask before an export was done. */
  asked: number;
}

export interface BulkClientGiven {
  /** URL of the service. */
  url: string;
  client: string;
  signer: Signer;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** A client as SMART Backend Services and Bulk Data Access describe it; it knows a base URL and its own key. */
export function bulkClient({ url, client, signer, clock }: BulkClientGiven): BulkClient {
  const base = `${url}/fhir`;

  async function token(): Promise<string> {
    const configuration = (await (await fetch(`${base}/.well-known/smart-configuration`)).json()) as {
      token_endpoint: string;
    };
    const now = Math.floor(clock() / 1_000);
    const assertion = await assertionOf(signer, { client, audience: configuration.token_endpoint, now });
    const answer = await fetch(configuration.token_endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'system/*.rs',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    });
    if (answer.status !== 200) throw new Error(`no token: ${answer.status}`);
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  async function get(address: string, headers: Record<string, string>, method = 'GET'): Promise<Response> {
    return fetch(address, { method, headers: { ...headers, authorization: `Bearer ${await token()}` } });
  }

  const self: BulkClient = {
    copy: new Map(),
    asked: 0,
    async export(path, parameters = {}) {
      const query = new URLSearchParams(parameters);
      const begun = await get(`${base}${path}${query.size > 0 ? `?${query}` : ''}`, {
        accept: 'application/fhir+json',
        prefer: 'respond-async',
      });
      if (begun.status !== 202) throw new Error(`not taken: ${begun.status} ${await begun.text()}`);
      const place = begun.headers.get('content-location')!;
      for (;;) {
        const answer = await get(place, { accept: 'application/json' });
        self.asked++;
        if (answer.status === 200) return (await answer.json()) as Manifest;
        if (answer.status !== 202) throw new Error(`failed: ${answer.status}`);
        if (!(Number(answer.headers.get('retry-after')) > 0)) throw new Error('no Retry-After');
        if (!answer.headers.get('x-progress')) throw new Error('no X-Progress');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async read(files) {
      const resources: FhirResource[] = [];
      for (const { url: address, count } of files) {
        const answer = await get(address, { accept: 'application/fhir+ndjson', 'accept-encoding': 'gzip' });
        if (answer.headers.get('content-encoding') !== 'gzip') throw new Error('not packed');
        const text = await answer.text();
        const lines = text.split('\n');
        if (lines.pop() !== '' || lines.length !== count) throw new Error(`${lines.length} lines of ${count}`);
        resources.push(...lines.map((line) => JSON.parse(line)));
      }
      return resources;
    },
    async follow(manifest) {
      for (const resource of await self.read(manifest.output))
        self.copy.set(`${resource.resourceType}/${resource.id}`, resource);
      for (const bundle of await self.read(manifest.deleted))
        for (const { request } of (bundle as unknown as r4.Bundle).entry ?? []) self.copy.delete(request!.url);
    },
  };
  return self;
}
