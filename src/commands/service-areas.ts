import { randomBytes, randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { createAuth } from '../auth/service.ts';
import type { Area } from '../http/app.ts';
import { tokenArea } from '../http/auth/area.ts';
import { ehrArea } from '../http/ehr/area.ts';
import { notifyArea } from '../http/notify/area.ts';
import { openApiArea } from '../http/openapi/area.ts';
import { eventsArea, hospitalReading } from '../http/read/area.ts';
import { isKeyRefusal } from '../identity/key-refusal.ts';
import { openSigningKey } from '../identity/signing-key.ts';
import { readSiteSecrets, type SiteSecrets } from '../identity/site-secrets.ts';
import { createNotifier } from '../jobs/notify.ts';
import { startNotifyLoop } from '../jobs/notify-loop.ts';
import { createPullRunner } from '../jobs/pull.ts';
import { startRunnerLoop } from '../jobs/runner-loop.ts';
import { type ScreeningLoop, startScreening } from '../jobs/screening.ts';
import { createActivity } from '../operations/activity.ts';
import { faultOf } from '../operations/fault.ts';
import { arriveInto } from '../pipeline/arrive.ts';
import { clientDesk } from '../pipeline/clients.ts';
import { createNoticeBell, withNoticeBell } from '../pipeline/notice-bell.ts';
import { takeNotified } from '../pipeline/notified.ts';
import { withOutboxBell } from '../pipeline/outbox-bell.ts';
import { clientForSite } from '../pull/for-site.ts';
import { createHospitalFhir } from '../views/hospital-fhir.ts';
import { connectedTargets } from './delivery.ts';
import { startDelivery } from './delivery-side.ts';
import { CannotStart } from './exit.ts';
import { registrySide } from './registry-area.ts';
import { openAgreements } from './release-desk.ts';
import type { Wiring } from './wiring.ts';

/** Everything of the service that is made before it listens: jobs that run, and what answers under which path. */
export interface Parts {
  areas(publicUrl: string): Area[];
  /** In the order in which they are to be closed, before the store is. */
  closers: (() => Promise<void>)[];
  screening: ScreeningLoop;
}

/** Opens keys and secrets, starts the jobs, and tells how the areas are made once the public URL is known. */
export async function serviceParts(wiring: Omit<Wiring, 'publicUrl'>, keyFolder: string): Promise<Parts> {
  const bell = createNoticeBell();
  let wakeDelivery: (target: string) => void = () => {};
  const store = withOutboxBell(withNoticeBell(wiring.gateway.store, bell), (target) => wakeDelivery(target));
  const gateway = { ...wiring.gateway, store };
  const { settings, log, metrics, rates, stopping } = wiring;
  const signingKey = await openSigningKey(keyFolder);
  if (isKeyRefusal(signingKey)) throw new CannotStart(signingKey.message);
  const agreements = await openAgreements(settings.agreements, gateway);
  const secrets = await secretsOf(gateway.sites.keys(), keyFolder);
  const targets = await connectedTargets(gateway.targets ?? [], keyFolder);
  // Maps and profiles take seconds to read: not while somebody waits for a commit.
  await gateway.research?.();

  const failed = (part: string) => (error: unknown) => log.error('job-fault', { part, ...faultOf(error) });
  const persons = metrics.counter('persons_screened_total', 'Persons screened after a change or because time passed.');
  const intake = createActivity();
  const screening = startScreening({
    gateway,
    busy: intake.busy,
    failed: failed('screening'),
    screened: (count) => persons.add({}, count),
  });
  const arrive: ReturnType<typeof arriveInto> = async (...given) => {
    const tally = await arriveInto(gateway, ({ reason }) => log.info('set-aside', { codes: [reason] }))(...given);
    screening.wake();
    return tally;
  };
  const connected = [...gateway.sites.values()].flatMap((site) =>
    site.connection
      ? [[site.id, { site, client: clientForSite(site.connection, secrets.get(site.id)!) }] as const]
      : [],
  );
  const runner = createPullRunner({
    store: gateway.store,
    sites: new Map(connected),
    arrive,
    clock: gateway.clock,
    random: Math.random,
    told: ({ site, kind, outcome, code }) =>
      log.info('pulled', { site, part: kind, codes: [outcome, ...(code ? [code] : [])] }),
  });
  const pulling = startRunnerLoop(runner, { failed: failed('pull') });
  const delivery = startDelivery({ gateway, log, metrics }, targets);
  wakeDelivery = (target) => delivery.wake(target);
  const outcomes = metrics.counter('intake_resources_total', 'Resources sent by EHRs, by what became of them.', [
    'site',
    'outcome',
  ]);

  const registries = await registrySide({ gateway, settings, rates }, agreements, keyFolder, failed('exports'));
  let stopNotifying: () => Promise<void> = async () => {};

  return {
    screening,
    closers: [
      () => pulling.stop(),
      () => delivery.stop(),
      () => screening.stop(),
      () => stopNotifying(),
      () => registries.stop(),
    ],
    areas(publicUrl) {
      const loopbackHttp = isLoopback(settings.host);
      const since = new Date(gateway.clock()).toISOString();
      const notifier = createNotifier({
        gateway,
        publicUrl,
        loopbackHttp,
        random: Math.random,
        told: ({ site, outcome, code }) => log.info('notified', { site, codes: [outcome, ...(code ? [code] : [])] }),
      });
      stopNotifying = startNotifyLoop(notifier, { bell, failed: failed('notify') });
      const reading = {
        gateway,
        sites: gateway.sites,
        publicUrl,
        fhir: createHospitalFhir(gateway.store, gateway.loaded.study),
        bell,
        shape: gateway.shape,
        limits: settings,
        loopbackHttp,
        newId: randomUUID,
        random: randomBytes,
        clock: gateway.clock,
        stopping,
      };
      const auth = createAuth({
        settings: {
          baseUrl: publicUrl,
          jwksHosts: settings.jwksHosts,
          loopbackHttp,
          tokenSeconds: settings.tokenSeconds,
        },
        clients: clientDesk(gateway.store, gateway.clock),
        signingKey,
        clock: gateway.clock,
        newId: randomUUID,
      });
      // Most requests are those of EHRs that send: they come first.
      return [
        ehrArea({
          gateway,
          limits: settings,
          ahead: wiring.ahead,
          publicUrl,
          onWritten: () => screening.wake(),
          onWriting: intake.begin,
          count: (site, outcome) => outcomes.add({ site, outcome }),
          auth,
          rates,
          reading: hospitalReading(reading),
          since,
        }),
        tokenArea(auth),
        openApiArea(publicUrl),
        notifyArea(auth, {
          sites: gateway.sites,
          secretsOf: (site) => secrets.get(site)?.notification ?? [],
          notified: (site, notification, signed) =>
            takeNotified(site, notification, { store: gateway.store, arrive, signed, at: gateway.clock() }),
          wake: () => pulling.wake(),
          maxBytes: settings.maxBodyBytes,
          maxDepth: settings.maxDepth,
        }),
        eventsArea(auth, rates, reading),
        registries.area(auth, publicUrl, since),
      ];
    },
  };
}

async function secretsOf(sites: Iterable<string>, keyFolder: string): Promise<Map<string, SiteSecrets>> {
  const secrets = new Map<string, SiteSecrets>();
  for (const site of sites) {
    const read = await readSiteSecrets(keyFolder, site);
    if (isKeyRefusal(read)) throw new CannotStart(read.message);
    secrets.set(site, read);
  }
  return secrets;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
