import type { FhirResource } from '../fhir/resource.ts';
import { conditionalUrl, urnOf } from './identity.ts';
import { hashOf, referencesIn, rendered, type Wanted } from './render.ts';
import { DELIVERED_TYPES } from './target.ts';

/** One resource of a person at a target: what there should be, and what is known to be there. */
export interface Standing {
  type: string;
  id: string;
  wanted: Wanted;
  /** Id at the target, when it is known to be there. */
  remote: string | null;
  /** Mark of the content there. */
  hash: string | null;
  /** What is there names something that was missing. */
  loose: boolean;
  /** Its content has left, or may have. */
  released: boolean;
  /** To be dealt with now. */
  due: boolean;
}

/** One entry of a transaction. */
export interface Entry {
  type: string;
  id: string;
  method: 'PUT' | 'DELETE';
  /** Conditional: on our identifier. */
  url: string;
  fullUrl: string;
  resource: FhirResource | null;
  hash: string | null;
  loose: boolean;
  /** `Type/id` of entries of the same transaction that it names. */
  beside: readonly string[];
}

export interface Step {
  /** As it should be already: nothing is sent. */
  asItIs: readonly Standing[];
  /** The next transaction; empty when nothing is left to send. */
  entries: readonly Entry[];
}

const nameOf = ({ type, id }: { type: string; id: string }) => `${type}/${id}`;

/**
 * The next transaction for a person: what is to be there before what names it, then what is to go, the other way
 * round, so that a target that keeps references whole never has to refuse. Within a transaction entries name each
 * other by `fullUrl`; what the target has, by its id there; anything else by identifier, to be mended later.
 */
export function nextStep(standings: readonly Standing[], limit: number, study: string | null): Step {
  const all = new Map(standings.map((one) => [nameOf(one), one]));
  const due = standings.filter((one) => one.due);
  const asItIs = due.filter((one) => isAsItIs(one, all));
  const left = due.filter((one) => !asItIs.includes(one));
  const ordered = inOrder(left, all);
  const puts = ordered.filter(({ wanted }) => wanted !== null).slice(0, limit);
  if (puts.length > 0) return { asItIs, entries: puts.map((one) => putOf(one, puts, all, study)) };
  return { asItIs, entries: ordered.reverse().slice(0, limit).map(deletionOf) };
}

function isAsItIs({ wanted, remote, hash, loose, released }: Standing, all: ReadonlyMap<string, Standing>): boolean {
  if (wanted === null) return !released;
  if (remote === null || hash !== hashOf(wanted)) return false;
  // Sent without something that it names: again once all of that is there.
  return !loose || referencesIn(wanted.resource).some((name) => isMissing(all.get(name)));
}

function isMissing(other: Standing | undefined): boolean {
  return other !== undefined && other.wanted !== null && other.remote === null;
}

/** What is named comes before what names it; a circle is cut where it is entered. */
function inOrder(left: readonly Standing[], all: ReadonlyMap<string, Standing>): Standing[] {
  const rank = (type: string) => DELIVERED_TYPES.indexOf(type);
  const sorted = [...left].sort((a, b) => rank(a.type) - rank(b.type) || (a.id < b.id ? -1 : 1));
  const among = new Set(left);
  const seen = new Set<Standing>();
  const ordered: Standing[] = [];
  function visit(one: Standing): void {
    if (seen.has(one)) return;
    seen.add(one);
    for (const name of one.wanted ? referencesIn(one.wanted.resource) : []) {
      const other = all.get(name);
      if (other && among.has(other)) visit(other);
    }
    ordered.push(one);
  }
  for (const one of sorted) visit(one);
  return ordered;
}

function putOf(
  { type, id, wanted }: Standing,
  together: readonly Standing[],
  all: ReadonlyMap<string, Standing>,
  study: string | null,
): Entry {
  const beside: string[] = [];
  let loose = false;
  const link = (otherType: string, otherId: string) => {
    const other = all.get(`${otherType}/${otherId}`);
    if (!other || other.wanted === null) return null;
    if (other.remote !== null) return `${otherType}/${other.remote}`;
    if (together.includes(other)) {
      beside.push(`${otherType}/${otherId}`);
      return urnOf(otherType, otherId);
    }
    loose = true;
    return null;
  };
  const resource = rendered(wanted!, link, study);
  const hash = hashOf(wanted!);
  return {
    type,
    id,
    method: 'PUT',
    url: conditionalUrl(type, id),
    fullUrl: urnOf(type, id),
    resource,
    hash,
    loose,
    beside,
  };
}

function deletionOf({ type, id }: Standing): Entry {
  const url = conditionalUrl(type, id);
  return {
    type,
    id,
    method: 'DELETE',
    url,
    fullUrl: urnOf(type, id),
    resource: null,
    hash: null,
    loose: false,
    beside: [],
  };
}

/** What a target should have once everything is delivered: by the ids that are known there. */
export function expectedOf(one: Standing, standings: readonly Standing[], study: string | null): FhirResource | null {
  return one.wanted ? putOf(one, [], new Map(standings.map((each) => [nameOf(each), each])), study).resource : null;
}
