import type { Surgery } from '../collection/about.ts';
import { collectionTime } from '../collection/order.ts';
import type { r4 } from '../fhir/resource.ts';
import { type Span, spanOf } from '../fhir/time.ts';
import type { AroundEvent } from '../safety/about.ts';
import { staysOf } from '../safety/stays.ts';
import type { Assessment } from '../screening/assessment.ts';
import type { PersonRecord } from '../screening/view.ts';
import type { Decision } from '../study/decision.ts';

/** What a person's adverse events are judged by: the same for all of them. */
export function aroundEvents(
  { resources, specimens }: Pick<PersonRecord, 'resources'> & { specimens: readonly r4.Specimen[] },
  assessment: Assessment,
  surgeries: readonly Surgery[],
  decisions: readonly Decision[],
  timezone: string,
): Omit<AroundEvent, 'awareAt' | 'receivedAt' | 'reported'> {
  const signed = assessment.consents.flatMap(({ consent, formInForce }) => {
    const at = formInForce === true ? spanOf(String(consent.dateTime ?? ''), timezone) : null;
    return at ? [at] : [];
  });
  const collected = specimens
    .filter(({ status }) => status !== 'entered-in-error')
    .flatMap(({ collection }) => collectionTime(collection, timezone)?.finished ?? []);
  const ended = decisions.findLast(({ kind }) => ENDS.has(kind));
  const enrolled = decisions.findLast(({ kind }) => kind === 'enrol');
  return {
    procedures: surgeries.filter(({ started }) => started).map(({ reference, start }) => ({ reference, start })),
    stays: staysOf(resources, timezone),
    consentAt: earliest(signed),
    lastCollectionAt: collected.toSorted((a, b) => b.end - a.end || b.start - a.start)[0] ?? null,
    offStudyAt: ended && enrolled && ended.at > enrolled.at ? Date.parse(ended.at) : null,
  };
}

const ENDS = new Set(['withdraw', 'complete', 'off-study', 'enrolled-in-error']);

function earliest(spans: readonly Span[]): Span | null {
  return spans.toSorted((a, b) => a.start - b.start || a.end - b.end)[0] ?? null;
}

/** The first awareness and reports that were signed, and since when the event has been there. */
export function stampsOf(
  event: r4.AdverseEvent,
  decisions: readonly Decision[],
  now: number,
  zone: string,
): Pick<AroundEvent, 'awareAt' | 'receivedAt' | 'reported'> {
  const name = `AdverseEvent/${event.id}`;
  const own = decisions.filter(({ about }) => about === name || about?.startsWith(`${name}/_history/`));
  const first = (kind: Decision['kind'], answer?: string) => {
    const one = own.find((decision) => decision.kind === kind && (answer === undefined || decision.answer === answer));
    return one ? Date.parse(one.at) : null;
  };
  const told = [event.recordedDate, event.meta?.lastUpdated].flatMap((text) =>
    text ? (spanOf(text, zone) ?? []) : [],
  );
  return {
    awareAt: first('sae-aware'),
    receivedAt: told[0]?.start ?? now,
    reported: { initial: first('sae-report', 'initial'), followUp: first('sae-report', 'follow-up') },
  };
}
