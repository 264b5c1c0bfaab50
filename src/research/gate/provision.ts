import type { r4 } from '../../fhir/resource.ts';
import { type Span, spanOfPeriod } from '../../fhir/time.ts';
import type { DoubtCode } from './doubt.ts';

/** The purposes of a study's consent: its CodeSystem, which is study data. */
export interface ConsentPurposes {
  system: string;
  codes: ReadonlySet<string>;
  /** The one for using data: the only one that a form can open for the time before the signature. */
  ofData: string;
}

/** What one provision names, and for when. `hasStart`: its period says since when. */
export interface Clause {
  purposes: ReadonlySet<string>;
  span: Span;
  hasStart: boolean;
}

/** `Consent.provision` with what is nested in it, flat. */
export interface Provisions {
  type: 'permit' | 'deny' | null;
  /** What a root permit says: purposes null are those the form covers. Null when it is void. */
  root: { purposes: ReadonlySet<string> | null; span: Span } | null;
  permits: readonly Clause[];
  denies: readonly Clause[];
}

/** Reports something not understood about the element at a FHIRPath. */
export type Report = (reason: DoubtCode, expression: string) => void;

const ALL_TIME: Span = { start: -Infinity, end: Infinity };
const NAMING = ['purpose', 'code', 'class'] as const;
const UNDERSTOOD = new Set<string>(['id', 'extension', 'type', 'period', 'provision', ...NAMING]);

/**
 * Reads a provision and the exceptions nested in it (FHIR R4, Consent.provision). A Period takes in the whole of its
 * last day. Whatever is not understood voids a permit and makes a deny total.
 */
export function readProvisions(
  provision: r4.ConsentProvision | undefined,
  purposes: ConsentPurposes,
  zone: string,
  report: Report,
): Provisions {
  const path = 'Consent.provision';
  const permits: Clause[] = [];
  const denies: Clause[] = [];
  const type = provision?.type === 'permit' || provision?.type === 'deny' ? provision.type : null;
  if (!provision || type === null) report('provision-type', `${path}.type`);
  const { period, limited } = conditions(provision ?? {}, zone, path, report);
  const named = namesOf(provision ?? {}, purposes, path, report);
  const nest = (parent: r4.ConsentProvision, at: string, depth: number) => {
    for (const [index, one] of (parent.provision ?? []).entries()) {
      const here = `${at}.provision[${index}]`;
      const clause = { ...conditions(one, zone, here, report), ...namesOf(one, purposes, here, report) };
      if (one.type !== 'permit') {
        if (one.type !== 'deny') report('provision-type', `${here}.type`);
        denies.push(asDeny(clause, purposes));
      } else if (depth > 1) report('nested-too-deep', here);
      else if (clause.permitted === null) report('purpose-missing', here);
      else if (!clause.limited && clause.period) {
        permits.push({ purposes: clause.permitted, span: clause.period, hasStart: clause.hasStart });
      }
      nest(one, here, depth + 1);
    }
  };
  nest(provision ?? {}, path, 1);
  const root = type === 'permit' && !limited && period ? { purposes: named.permitted, span: period } : null;
  return { type, root, permits, denies };
}

interface Conditions {
  /** Null when it cannot be read or is reversed. */
  period: Span | null;
  hasStart: boolean;
  limited: boolean;
}

function conditions(provision: r4.ConsentProvision, zone: string, path: string, report: Report): Conditions {
  const strange = Object.keys(provision).filter((name) => !UNDERSTOOD.has(name) && !name.startsWith('_'));
  for (const name of strange) report('limit-unknown', `${path}.${name}`);
  const limited = strange.length > 0;
  if (!provision.period) return { period: ALL_TIME, hasStart: false, limited };
  // An end that exists without being said (`_end`) is not an open one.
  const said = !('_start' in provision.period || '_end' in provision.period);
  const span = said ? spanOfPeriod(provision.period, zone) : null;
  const reason = !span ? 'period-unreadable' : span.start >= span.end ? 'period-reversed' : null;
  if (reason) report(reason, `${path}.period`);
  return { period: reason ? null : span, hasStart: provision.period.start !== undefined, limited };
}

interface Names {
  /** What a permit of these names permits; null when there are none. Elements beside each other must all agree. */
  permitted: ReadonlySet<string> | null;
  /** Every name that was understood. */
  named: ReadonlySet<string>;
  unknown: boolean;
}

function namesOf(provision: r4.ConsentProvision, purposes: ConsentPurposes, path: string, report: Report): Names {
  const sets: Set<string>[] = [];
  let unknown = false;
  for (const element of NAMING) {
    if (!provision[element]) continue;
    const codes = new Set<string>();
    for (const [index, one] of provision[element].entries()) {
      const codings: r4.Coding[] = element === 'code' ? ((one as r4.CodeableConcept).coding ?? []) : [one as r4.Coding];
      const ours = new Set(codings.flatMap(({ system, code }) => (system === purposes.system && code ? [code] : [])));
      const [code] = ours;
      if (ours.size === 1 && purposes.codes.has(code!)) codes.add(code!);
      else {
        unknown = true;
        report('purpose-unknown', `${path}.${element}[${index}]`);
      }
    }
    sets.push(codes);
  }
  const named = new Set(sets.flatMap((set) => [...set]));
  const permitted = sets.length === 0 ? null : new Set([...named].filter((code) => sets.every((set) => set.has(code))));
  return { permitted, named, unknown };
}

/** A limit that is not understood is left aside: without it the deny reaches further. */
function asDeny(clause: Conditions & Names, purposes: ConsentPurposes): Clause {
  const total = clause.unknown || clause.permitted === null;
  return {
    purposes: total ? purposes.codes : clause.named,
    span: clause.period ?? ALL_TIME,
    hasStart: clause.period === null || clause.hasStart,
  };
}
