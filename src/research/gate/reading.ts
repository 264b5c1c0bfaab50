import type { r4 } from '../../fhir/resource.ts';
import { type Span, spanOf } from '../../fhir/time.ts';
import { withdrawalOf } from './ends.ts';
import { type Intervals, intersect, interval, NEVER, subtract, union } from './intervals.ts';
import { type Clause, type Provisions, type Report, readProvisions } from './provision.ts';
import { type ConsentingPerson, type GateContext, type Signature, signatureOf } from './signature.ts';

/** What certainly holds, and what may hold: the second takes in the first. */
export interface Twofold {
  certain: Intervals;
  possible: Intervals;
}

/** One Consent that decides (active, rejected or inactive), apart from the others. */
export interface ConsentReading {
  /** It was given at some instant of this span. */
  at: Span;
  /** What it grants by itself, as if it were the newest from its first possible instant on. */
  grants(purpose: string): Twofold;
  /** Data of the time before the signature that it lets pass; only for the purpose of using data. */
  earlier: Twofold;
  /** Since when it says no to everything: refused, or withdrawn. Null when it does not. */
  refusal: { certain: number; possible: number } | null;
  /** Nested denies. */
  denies: readonly Clause[];
}

const NOTHING: Twofold = { certain: NEVER, possible: NEVER };
const DECIDING = new Set<string | undefined>(['active', 'rejected', 'inactive']);

/** Without a date it counts as older than every dated Consent. */
const UNDATED: Span = { start: -Infinity, end: -Number.MAX_VALUE };

/**
 * Reads one Consent. Null when its status decides nothing: draft, proposed, entered-in-error.
 * @param earlierFrom the beginning of the index admission; null when data from before the signature is not asked for
 */
export function readConsent(
  consent: r4.Consent,
  person: ConsentingPerson,
  context: GateContext,
  earlierFrom: number | null,
  report: Report,
): ConsentReading | null {
  if (!DECIDING.has(consent.status)) return null;
  const zone = context.site.timezone;
  const dated = consent.dateTime ? spanOf(consent.dateTime, zone) : null;
  if (!dated) report('undated', 'Consent.dateTime');
  const at = dated ?? UNDATED;
  const refused = { certain: at.end, possible: at.start };
  if (consent.status === 'rejected') {
    return { at, grants: () => NOTHING, earlier: NOTHING, refusal: refused, denies: [] };
  }
  const { purposes } = context.study;
  const provisions = readProvisions(consent.provision, purposes, zone, report);
  const signature = dated && signatureOf(consent, at, person, context, report);
  reportBeyond(provisions, signature, report);
  let refusal = provisions.type === 'deny' ? refused : null;
  if (consent.status === 'inactive' && !refusal) {
    const withdrawn = withdrawalOf(consent, zone, context.now);
    refusal = withdrawn ? { certain: withdrawn.possible, possible: withdrawn.certain } : refused;
  }
  return {
    at,
    grants: (purpose) => granted(purpose, at, provisions, signature),
    earlier: earlierData(at, provisions, signature, purposes.ofData, earlierFrom),
    refusal,
    denies: provisions.denies,
  };
}

function granted(purpose: string, at: Span, provisions: Provisions, signature: Signature | null): Twofold {
  const { root } = provisions;
  if (!root || !signature) return NOTHING;
  const permitted = provisions.permits.filter((clause) => clause.purposes.has(purpose)).map(spanOfClause);
  if (covers(provisions, signature, purpose)) permitted.push(interval(-Infinity, Infinity));
  const net = subtract(union(...permitted), deniedBy(provisions, purpose));
  const until = (end: number) =>
    intersect(net, interval(Math.max(at.start, root.span.start), Math.min(root.span.end, end)));
  return {
    certain: signature.certain ? until(signature.end.certain) : NEVER,
    possible: until(signature.end.possible),
  };
}

/** From the index admission to the signature, if the form says so and the permit does not begin later than that. */
function earlierData(
  at: Span,
  provisions: Provisions,
  signature: Signature | null,
  ofData: string,
  earlierFrom: number | null,
): Twofold {
  const { root } = provisions;
  if (earlierFrom === null || !root || !signature?.form.coversEarlierData) return NOTHING;
  if (root.span.start >= at.end || !covers(provisions, signature, ofData)) return NOTHING;
  const until = (end: number) =>
    subtract(interval(earlierFrom, Math.min(at.end, root.span.end, end)), deniedBy(provisions, ofData));
  return {
    certain: signature.certain ? until(signature.end.certain) : NEVER,
    possible: until(signature.end.possible),
  };
}

function covers({ root }: Provisions, { form }: Signature, purpose: string): boolean {
  return form.purposes.includes(purpose) && (root?.purposes?.has(purpose) ?? true);
}

function deniedBy(provisions: Provisions, purpose: string): Intervals {
  return union(...provisions.denies.filter((clause) => clause.purposes.has(purpose)).map(spanOfClause));
}

function spanOfClause({ span }: Clause): Intervals {
  return interval(span.start, span.end);
}

function reportBeyond({ root }: Provisions, signature: Signature | null, report: Report): void {
  if (!root?.purposes || !signature) return;
  const beyond = [...root.purposes].some((purpose) => !signature.form.purposes.includes(purpose));
  if (beyond) report('purpose-beyond-form', 'Consent.provision');
}
