import type { FhirResource } from '../fhir/resource.ts';
import { publicReason } from '../screening/masked.ts';
import type { Transaction } from '../store/store.ts';
import type { SubjectFact, VerdictFact } from '../tables/input.ts';
import { clustersAround } from './clusters.ts';
import type { Gateway } from './gateway.ts';
import { readPerson } from './person.ts';
import { stateOf } from './state.ts';
import { verdictsIn } from './verdicts.ts';

/** What tables are made from, with what is known beside the resources. */
export interface TableSource {
  resources: FhirResource[];
  subjects: SubjectFact[];
  verdicts: VerdictFact[];
}

/**
 * Reads what the study side holds of everybody with a research record – nobody else stands in a table –, which site
 * they are of, and how each criterion comes out now. It reads both sides and is for the hospital's own study team.
 * @param now the clock of the criteria, in milliseconds
 * @param site one hospital only; null for all
 */
export function tableSource(gateway: Gateway, now: number, site: string | null): Promise<TableSource> {
  return gateway.store.read(async (tx) => {
    const source: TableSource = { resources: [], subjects: [], verdicts: [] };
    for (const row of await tx.hospital.enrolments()) {
      if (site !== null && row.site !== site) continue;
      const resources = await standing(tx, row.subject);
      if (!resources.some(({ resourceType }) => resourceType === 'Patient')) continue;
      source.resources.push(...resources);
      source.subjects.push({ subject: row.subject, site: row.site });
      source.verdicts.push(...(await verdictsOf(gateway, tx, row, now)));
    }
    return source;
  });
}

/** The ResearchSubject and everything of its research record that stands. */
async function standing(tx: Transaction, id: string): Promise<FhirResource[]> {
  const subject = await tx.study.subject(id);
  const rows = (await tx.study.researchOf(id)).filter(({ deleted }) => !deleted);
  const bodies = [...(subject && !subject.deleted ? [subject.body] : []), ...rows.map(({ body }) => body)];
  return bodies.map((body) => JSON.parse(body) as FhirResource);
}

async function verdictsOf(
  gateway: Gateway,
  tx: Transaction,
  { subject, site: id, patient }: { subject: string; site: string; patient: string },
  now: number,
): Promise<VerdictFact[]> {
  const site = gateway.sites.get(id);
  if (!site) throw new Error(`The store holds people of a site that is not in sites/: ${id}`);
  const clusters = await clustersAround(tx.hospital, id, patient);
  const person = await readPerson(tx.hospital, clusters, id, clusters.of(patient));
  const { assessment } = await stateOf(gateway, tx, site, person, now);
  const known = verdictsIn((await tx.study.verdictsOf(subject))?.verdicts ?? '{}');
  const words = new Map(gateway.loaded.study.criteria.map((criterion) => [criterion.id, criterion.words.en]));
  return assessment.verdicts.map((verdict) => ({
    subject,
    criterion: verdict.id,
    exclude: verdict.exclude,
    sensitive: verdict.sensitive,
    verdict: verdict.verdict,
    reason: publicReason(verdict),
    text: words.get(verdict.id) ?? verdict.id,
    since: known[verdict.id]?.verdict === verdict.verdict ? known[verdict.id]!.since : null,
  }));
}
