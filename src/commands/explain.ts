import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { standingOf } from '../enrolment/status.ts';
import { createClusters } from '../identity/merge.ts';
import { subjectOf } from '../pipeline/enrol.ts';
import { type Gateway, keysOf } from '../pipeline/gateway.ts';
import { readPerson, recordOf } from '../pipeline/person.ts';
import { explanation } from '../views/explanation.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { namedSite, type OpenOptions, openDefinitions, openGateway } from './open.ts';

export interface ExplainOptions extends OpenOptions {
  site?: string | undefined;
  asOf?: string | undefined;
}

/** Prints one person's screening, also of somebody who is no subject. Audited: it shows what lists mask. */
export async function explain(patient: string, options: ExplainOptions): Promise<number> {
  const definitions = await openDefinitions(options);
  namedSite(definitions, options.site);
  const now = clockOf(options.asOf, definitions.loaded.study.timezone, Date.now());
  const store = resolve(options.store);
  if (!(await stat(store).catch(() => null)))
    throw new CannotStart(`There is no store ${store}: screen a feed first, or give --store.`);
  const gateway = await openGateway(definitions, { store, keys: options.keys });
  try {
    for (const found of await find(gateway, patient, options.site)) {
      process.stdout.write(await explainOne(gateway, found, now));
    }
    return EXIT.done;
  } finally {
    await gateway.store.close();
  }
}

/** Somebody by `Patient/id`, by the id alone, or by the id of the ResearchSubject. */
async function find(
  gateway: Gateway,
  given: string,
  site: string | undefined,
): Promise<{ site: string; patient: string }[]> {
  const id = given.replace(/^(Patient|ResearchSubject)\//, '');
  const found = await gateway.store.withTransaction(async ({ hospital }) => {
    const enrolment = await hospital.enrolment(id);
    if (enrolment) return [{ site: enrolment.site, patient: enrolment.patient }];
    const hits: { site: string; patient: string }[] = [];
    for (const one of gateway.sites.keys()) {
      if (site !== undefined && one !== site) continue;
      if ((await hospital.recordsOf(one, [id])).length > 0) hits.push({ site: one, patient: id });
    }
    return hits;
  });
  if (found.length === 0) {
    throw new CannotStart(
      'Nobody of that id is known to this store: give Patient/<id> as the hospital names it, or the id of the ResearchSubject.',
    );
  }
  return found;
}

async function explainOne(
  gateway: Gateway,
  { site: id, patient }: { site: string; patient: string },
  now: number,
): Promise<string> {
  const site = gateway.sites.get(id)!;
  const keys = await keysOf(gateway, id);
  return gateway.store.withTransaction(async (tx) => {
    const clusters = createClusters(await tx.hospital.links(id));
    const person = await readPerson(tx.hospital, clusters, id, clusters.of(patient));
    const subject = await subjectOf(tx.hospital, gateway, person);
    const assessment = gateway.screener.assess(await recordOf(tx.hospital, person, keys), site, now);
    const standing = standingOf({ assessment, decisions: [], siteStatus: site.status, hadSubject: subject !== null });
    const at = new Date(gateway.clock()).toISOString();
    await tx.addAudit({ at, actor: gateway.actor, action: 'explain', object: subject, detail: null });
    const moves = subject ? await tx.hospital.moves(subject) : [];
    return explanation({ site, person, subject, assessment, standing, moves, study: gateway.loaded.study });
  });
}
