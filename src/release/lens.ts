import type { FhirResource } from '../fhir/resource.ts';
import { keyedHash } from '../identity/keyed-hash.ts';
import { ID_FORM, type PlainKeys, type RegistryKeys, registryKeysFrom } from '../identity/registry-keys.ts';
import { agePart, withoutAge } from './age.ts';
import type { Agreement, Kind, ResourceTerms } from './agreement.ts';
import { dateChange } from './dates.ts';
import { type Changes, createPruning, type DroppedReason, hasUnknownModifier, type Json } from './prune.ts';
import { registryIds, type Stored } from './registry-ids.ts';

/** What one registry may have of the study side (its agreement): default deny. */
export interface Lens {
  registry: string;
  /** Resource types it may have at all. */
  types: ReadonlySet<string>;
  /** A resource as this registry may have it, under ids of its own; null when it may not. Pure. */
  show(resource: FhirResource, subject: { id: string; site: string | null }): FhirResource | null;
  /** Whether it could be shown while this person's purposes were granted: then it may be told that it is gone. */
  wasShown(resource: FhirResource, subject: { id: string; site: string | null }): boolean;
  /** The id of ours behind an id of the registry's; null when it is not one. */
  ownId(type: string, registryId: string): string | null;
  /** The registry's id of one of ours. */
  registryId(type: string, id: string): string;
  /** Is told what will be shown next: ids made together cost a twentieth. It changes nothing of what is shown. */
  meet(resources: readonly Stored[]): void;
  /** What `lensFrom` makes the same lens of in another thread; a lens without it stays where it is. It holds keys. */
  plain?(): PlainLens;
}

/** Null: no agreement in force. */
export type LensFor = (registry: string) => Lens | null;

/** The lens of an earlier moment. */
export interface EarlierLens {
  lens: Lens;
  /** Our ids of the subjects who now hold others of the purposes that the agreement names. */
  regranted: readonly string[];
  /** Of these, those who hold one less. */
  lost: readonly string[];
}

/** Why something does not pass; stable codes. */
export type ExclusionReason =
  | 'site-unknown'
  | 'site-not-agreed'
  | 'purpose-not-granted'
  | 'type-not-agreed'
  | 'kind-not-agreed'
  | 'age-not-agreed'
  | DroppedReason;
export interface Exclusion {
  reason: ExclusionReason;
  /** A purpose, a type, or the path of an element; empty where the reason says all. */
  about: string;
}

/** A lens that also says why. */
export interface ReleaseLens extends Lens {
  agreement: Agreement;
  /** Why nothing of a person passes; null when something may. */
  bars(subject: { id: string; site: string | null }): Exclusion | null;
  /** As `show`, and everything that was left out, each element as often as it stood there. */
  examine(
    resource: FhirResource,
    subject: { id: string; site: string | null },
  ): { shown: FhirResource | null; left: Exclusion[] };
}

/** Purposes a subject has granted: until when, as milliseconds; Infinity for no end, -Infinity for those taken back. */
export type Granted = ReadonlyMap<string, number>;

export interface LensParts {
  agreement: Agreement;
  keys: RegistryKeys;
  /** Id of the study: a reference to it passes as it is. */
  study: string;
  /** What each subject has granted; one that is not there has granted nothing. */
  granted: ReadonlyMap<string, Granted>;
  /** The clock, milliseconds. */
  now: number;
}

/** A lens as it passes to a thread: plain data. */
export interface PlainLens extends Omit<LensParts, 'keys'> {
  keys: PlainKeys;
}

/** The lens that `plain` was asked of. */
export function lensFrom({ keys, ...parts }: PlainLens): ReleaseLens {
  return createLens({ ...parts, keys: registryKeysFrom(keys) });
}

/** People of whom it is remembered how their dates change. */
const LATELY = 10_000;

/** Told of everything that is left out. */
type Left = (reason: ExclusionReason, about: string) => void;

/** Makes the lens of an agreement that is in force, for what stands at one moment. */
export function createLens({ agreement, keys, study, granted, now }: LensParts): ReleaseLens {
  const { registry, resources } = agreement;
  const types: ReadonlySet<string> = new Set(resources.keys());
  /** Whether a subject holds a purpose: now, or ever. */
  type Holds = (purpose: string) => boolean;
  function grants(subject: string): Holds {
    const until = granted.get(subject);
    return (purpose) => (until?.get(purpose) ?? -Infinity) > now;
  }
  const granting =
    (subject: string): Holds =>
    (purpose) =>
      granted.get(subject)?.has(purpose) === true;

  /** A person's id is what holds the records together, whatever else was agreed. */
  const isNamed = (type: string) => type === 'Patient' || types.has(type);
  const ids = registryIds(keys, isNamed);

  function reference(text: string): string | null {
    if (text === `ResearchStudy/${study}`) return text;
    return ids.reference(text);
  }

  const met = new Map<string, Changes>();
  function changesFor(subject: string): Changes {
    const known = met.get(subject);
    if (known) return known;
    const changes: Changes = {
      date: dateChange(agreement, keys.shift, subject),
      reference,
      identifier: (system, value) =>
        agreement.identifiers === 'exact' ? value : keyedHash(keys.identifier, 'identifier', system, value),
    };
    if (met.size >= LATELY) met.clear();
    met.set(subject, changes);
    return changes;
  }

  function barred({ site }: { site: string | null }, holds: Holds): Exclusion | null {
    const missing = agreement.purposes.find((purpose) => !holds(purpose));
    if (missing !== undefined) return { reason: 'purpose-not-granted', about: missing };
    if (site === null) return { reason: 'site-unknown', about: '' };
    return !agreement.sites || agreement.sites.has(site) ? null : { reason: 'site-not-agreed', about: site };
  }

  /** Why nothing of a resource passes; the terms under which something does. */
  function termsOf(
    resource: FhirResource,
    subject: { site: string | null },
    holds: Holds,
  ): { bar: Exclusion } | { terms: ResourceTerms; id: string } {
    const none = (reason: ExclusionReason, about: string) => ({ bar: { reason, about } });
    const { resourceType: type, id } = resource;
    const bar = barred(subject, holds);
    if (bar) return { bar };
    const terms = resources.get(type);
    if (!terms || id === undefined || !ID_FORM.test(id)) return none('type-not-agreed', type);
    const kinds = terms.kinds.filter((kind) => isOfKind(resource, kind));
    if (terms.kinds.length > 0 && kinds.length === 0) return none('kind-not-agreed', type);
    const needed = [...terms.purposes, ...kinds.map(({ purpose }) => purpose)];
    const missing = needed.find((purpose) => !holds(purpose));
    if (missing !== undefined) return none('purpose-not-granted', `${missing} (${type})`);
    if (hasUnknownModifier(resource, terms.elements)) return none('modifier-not-agreed', type);
    return { terms, id };
  }

  function look(resource: FhirResource, subject: { id: string; site: string | null }, left: Left) {
    const { resourceType: type } = resource;
    const found = termsOf(resource, subject, grants(subject.id));
    if ('bar' in found) {
      left(found.bar.reason, found.bar.about);
      return null;
    }
    const { terms, id } = found;
    const { resource: ageless, told } = withoutAge(resource, agreement.age);
    for (const about of told) left('age-not-agreed', about);
    const content = createPruning(changesFor(subject.id), left)(ageless, type, terms.elements) ?? {};
    return { resourceType: type, id: ids.of(type, id), ...withAge(content, agePart(resource, agreement.age)) };
  }

  return {
    registry,
    agreement,
    types,
    bars: (subject) => barred(subject, grants(subject.id)),
    wasShown: (resource, subject) => !('bar' in termsOf(resource, subject, granting(subject.id))),
    examine(resource, subject) {
      const left: Exclusion[] = [];
      const shown = look(resource, subject, (reason, about) => void left.push({ reason, about }));
      return { shown, left };
    },
    show: (resource, subject) => look(resource, subject, () => {}),
    ownId: (type, id) => (isNamed(type) && ID_FORM.test(id) ? keys.ids(type).decrypt(id) : null),
    registryId: ids.of,
    plain: () => ({ agreement, keys: keys.plain(new Set(['Patient', ...types])), study, granted, now }),
    meet: ids.makeReady,
  };
}

function withAge(content: Json, age: readonly Json[]): Json {
  if (age.length === 0) return content;
  const { extension, ...rest } = content;
  return { extension: [...age, ...((extension ?? []) as Json[])], ...rest };
}

function isOfKind(resource: FhirResource, { element, system, codes }: Kind): boolean {
  const concepts = [resource[element]].flat() as ({ coding?: { system?: string; code?: string }[] } | undefined)[];
  return concepts.some((concept) =>
    concept?.coding?.some((coding) => coding.system === system && codes.has(coding.code ?? '')),
  );
}
