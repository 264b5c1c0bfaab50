import type { FhirResource } from '../fhir/resource.ts';
import type { Facts } from '../research/derive/prepare.ts';
import type { HeldRow } from '../store/research-rows.ts';
import type { Participant } from './research.ts';

/**
 * Whether a specimen or an event is the study's, as far as its rules tell; everything else is. What comes with a kit id
 * or as an event, and is not, is held with the reason.
 */
export function isOfStudy(participant: Participant, source: FhirResource, held: HeldRow[]): boolean {
  const name = `${source.resourceType}/${source.id}`;
  const { specimens, events } = participant.care;
  const hold = (reason: string, message: string) => {
    held.push(heldRow(participant, source, reason, null, message));
    return false;
  };
  if (source.resourceType === 'Specimen' && source.status !== 'entered-in-error') {
    const judged = specimens.get(name);
    // The hospital's own specimens are nobody's concern.
    if (!judged) return false;
    if (judged.kind === 'other') return hold('specimen-not-of-study', 'The study collects no specimen of this type.');
  }
  if (source.resourceType === 'AdverseEvent') {
    const judged = events.get(name);
    if (!judged) return hold('not-judged', 'The study has no rules for adverse events.');
    if (judged.inWindow === false)
      return hold('event-outside-window', 'It lies before the consent or after the time in which events are recorded.');
  }
  return true;
}

/** What the rules say of a specimen or an event, for its map. */
export function factsOf({ care }: Participant, { resourceType, id }: FhirResource): Facts {
  const name = `${resourceType}/${id}`;
  const specimen = care.specimens.get(name);
  if (specimen) {
    const codes = (all: readonly { code: string }[]) => all.map(({ code }) => code);
    return { deviations: codes(specimen.deviations), holds: codes(specimen.holds) };
  }
  const event = care.events.get(name);
  if (!event) return {};
  const { serious, criteria, conflict, expected, suspect } = event;
  return { event: { serious, criteria, conflict, expected, suspect } };
}

/** A row that tells what is held back of a source, and why. */
export function heldRow(
  { subject }: Pick<Participant, 'subject'>,
  source: FhirResource,
  reason: string,
  expression: string | null,
  message: string,
): HeldRow {
  return { subject, source: `${source.resourceType}/${source.id}`, reason, expression, message };
}
