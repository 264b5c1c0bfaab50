import type { r4 } from '../fhir/resource.ts';
import { clustersAround } from '../pipeline/clusters.ts';
import { dutiesOf } from '../pipeline/duties.ts';
import type { Gateway } from '../pipeline/gateway.ts';
import { readPerson } from '../pipeline/person.ts';
import { stateOf } from '../pipeline/state.ts';
import { explanation } from '../views/explanation.ts';
import { clockOf } from './clock.ts';
import { EXIT } from './exit.ts';
import { findPerson } from './find.ts';
import { expectStore, namedSite, type OpenOptions, openDefinitions, withGateway } from './open.ts';

export interface ExplainOptions extends OpenOptions {
  site?: string | undefined;
  asOf?: string | undefined;
}

/** Prints one person's screening, also of somebody who is no subject. Audited: it shows what lists mask. */
export async function explain(patient: string, options: ExplainOptions): Promise<number> {
  const definitions = await openDefinitions(options);
  namedSite(definitions, options.site);
  const now = clockOf(options.asOf, definitions.loaded.study.timezone, Date.now());
  await expectStore(options.store);
  return withGateway(definitions, options, async (gateway) => {
    for (const found of await findPerson(gateway, patient, options.site)) {
      process.stdout.write(await explainOne(gateway, found, now));
    }
    return EXIT.done;
  });
}

/** One person's screening as text; audited. */
export async function explainOne(
  gateway: Gateway,
  { site: id, patient }: { site: string; patient: string },
  now: number,
): Promise<string> {
  const site = gateway.sites.get(id)!;
  return gateway.store.withTransaction(async (tx) => {
    const clusters = await clustersAround(tx.hospital, id, patient);
    const person = await readPerson(tx.hospital, clusters, id, clusters.of(patient));
    const { assessment, standing, subject, care, record } = await stateOf(gateway, tx, site, person, now);
    const at = new Date(gateway.clock()).toISOString();
    await tx.addAudit({ at, actor: gateway.actor, action: 'explain', object: subject, detail: null });
    const moves = subject ? await tx.hospital.moves(subject) : [];
    const own = record.resources.find((one) => one.resourceType === 'Patient' && one.id === record.patient);
    const unread = await tx.hospital.unreadOf(id, person.cluster.members);
    return explanation({
      passedOver: unread.reduce((sum, { resources }) => sum + resources.length, 0),
      site,
      person,
      subject,
      assessment,
      standing,
      moves,
      study: gateway.loaded.study,
      care,
      duties: standing.subject ? dutiesOf(care) : [],
      patient: (own as r4.Patient | undefined) ?? null,
    });
  });
}
