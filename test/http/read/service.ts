import { Router } from 'express';
import { createShapeCheck } from '../../../src/fhir/shape/check.ts';
import { localsOf } from '../../../src/http/locals.ts';
import type { Allows } from '../../../src/http/read/access.ts';
import { type EventParts, hospitalEvents } from '../../../src/http/read/events.ts';
import { hospitalReads } from '../../../src/http/read/routes.ts';
import { hospitalSubscriptions } from '../../../src/http/read/subscriptions.ts';
import type { Gateway } from '../../../src/pipeline/gateway.ts';
import { createNoticeBell, type NoticeBell, withNoticeBell } from '../../../src/pipeline/notice-bell.ts';
import { createHospitalFhir } from '../../../src/views/hospital-fhir.ts';
import { openTestGateway } from '../../pipeline/gateway.ts';
import { startService, type TestService } from '../service.ts';

/** URL under which the tests' clients are told the service is; requests go to where it listens. */
export const PUBLIC = 'https://gateway.example';

const shape = createShapeCheck();

export interface Reading {
  gateway: Gateway;
  bell: NoticeBell;
  service: TestService;
  /** Requests as a client of a site (`ya` unless said), with scopes as `Type.cruds`, separated by spaces (all unless said). */
  ask(path: string, init?: RequestInit & { site?: string; scopes?: string }): Promise<Response>;
}

export interface ReadingOptions {
  subscriptionHosts?: readonly string[];
  stopping?: AbortSignal;
  events?: Partial<Pick<EventParts, 'clock' | 'expiresAt' | 'pause'>>;
}

const allows: Allows = (res, type, action) => {
  const given = res.req.get('x-test-scopes') ?? '*.cruds';
  return given.split(' ').some((scope) => {
    const [of, actions] = scope.split('.') as [string, string];
    return (of === '*' || of === type) && actions.includes(action);
  });
};

/** The service over a gateway in memory, with the read side alone, behind a check of clients that believes headers. */
export async function startReading({
  subscriptionHosts = [],
  stopping,
  events,
}: ReadingOptions = {}): Promise<Reading> {
  const bell = createNoticeBell();
  const plain = await openTestGateway();
  const sites = new Map([...plain.sites].map(([id, site]) => [id, { ...site, subscriptionHosts }]));
  const gateway = { ...plain, sites, store: withNoticeBell(plain.store, bell) };
  const fhir = createHospitalFhir(gateway.store, gateway.loaded.study);
  let ids = 0;
  const parts = {
    ...{ sites, publicUrl: PUBLIC, allows, fhir, bell, gateway, shape, loopbackHttp: true },
    limits: { maxBodyBytes: 20_000, maxEntries: 10, maxDepth: 20 },
    newId: () => `subscription-${++ids}`,
    random: (size: number) => Buffer.alloc(size, 9),
    stopping: stopping ?? new AbortController().signal,
    ...{ clock: gateway.clock, expiresAt: () => null, ...events },
  };
  const known = Router({ mergeParams: true });
  known.use((req, res, next) => {
    const site = req.get('x-test-site');
    if (site) localsOf(res).client = { id: `his-${site}`, site };
    next();
  });
  const base = Router({ mergeParams: true, caseSensitive: true }).use(known);
  hospitalReads(base, parts);
  hospitalSubscriptions(base, parts);
  const beside = Router({ mergeParams: true, caseSensitive: true }).use(known);
  hospitalEvents(beside, parts);
  const areas = () => [
    { mount: '/ehr/:site/fhir', router: base },
    { mount: '/ehr/:site', router: beside },
  ];
  const service = await startService({ areas, closers: [() => gateway.store.close()] });
  const ask: Reading['ask'] = (path, { site = 'ya', scopes, headers, ...init } = {}) =>
    fetch(`${service.url}${path}`, {
      ...init,
      headers: {
        ...(site ? { 'x-test-site': site } : {}),
        ...(scopes === undefined ? {} : { 'x-test-scopes': scopes }),
        ...(headers as Record<string, string> | undefined),
      },
    });
  return { gateway, bell, service, ask };
}
