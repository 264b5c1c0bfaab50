import type { Gateway } from '../pipeline/gateway.ts';
import { CannotStart } from './exit.ts';

/** Somebody by `Patient/id`, by the id alone, or by the id of the ResearchSubject; one row a hospital that has that id. */
export async function findPerson(
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
