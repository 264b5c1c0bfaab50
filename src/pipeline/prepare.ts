import { decisionOfTask, isDecisionTask } from '../enrolment/decision-task.ts';
import type { Place } from '../fhir/refusal.ts';
import type { r4 } from '../fhir/resource.ts';
import { sortableInstant } from '../fhir/time.ts';
import { formFor } from '../forms/load.ts';
import { resourcesOf } from '../forms/respond.ts';
import { identifierAlias, idHash } from '../identity/alias.ts';
import type { SiteKeys } from '../identity/keys.ts';
import type { Arrival, ArrivedResource, SetAside } from '../intake/arrival.ts';
import { type Content, contentOf } from '../intake/content.ts';
import { type Change, changeOf, deletionOf } from '../record/change.ts';
import { follow, type ReferenceContext } from '../record/references.ts';
import type { Decision } from '../study/decision.ts';
import type { Site } from '../study/site.ts';
import { type Checked, checkArrival, refuse } from './check.ts';
import { type Gateway, keysOf } from './gateway.ts';
import type { Made } from './made.ts';

/** A decision that came as a Task; it is weighed once everything else of the feed is taken in. */
export interface SignedDecision {
  kind: 'decision';
  place: Place;
  site: Site;
  patient: string;
  /** The id of the ResearchSubject that its `focus` names; null when it names none. */
  subject: string | null;
  draft: Omit<Decision, 'basis'>;
  /** The Task, in case the decision is refused. */
  content: () => Content;
}

/** One version of one resource. */
export interface PreparedChange {
  kind: 'change';
  change: Change;
  keys: SiteKeys;
  /** What `change` would make of itself, where that was made before. */
  made?: Made;
  /** It is newer than what stands when it is written: nothing else orders it. */
  supersedes?: true;
}

/** What preparing takes of a gateway. */
export type Preparing = Pick<Gateway, 'shape' | 'sites' | 'keys' | 'loaded' | 'forms' | 'clock'>;

/** An arrival ready for the store, or why it is not. */
export type Prepared =
  | PreparedChange
  | { kind: 'passed-over'; type: string; reason: string }
  | { kind: 'form'; changes: { change: Change; keys: SiteKeys }[] }
  | SignedDecision
  | SetAside;

/** Checks an arrival and turns it into a change; happens before any transaction begins. */
export function prepare(gateway: Preparing, named: Site | null, arrival: Arrival | SetAside): Promise<Prepared> {
  return prepareChecked(gateway, checkArrival(gateway, named, arrival));
}

/** The same once it is checked: what is of one study. */
export async function prepareChecked(gateway: Preparing, checked: Checked): Promise<Prepared> {
  if (checked.kind !== 'checked') return checked;
  const { arrival, site, once } = checked;
  const keys = await keysOf(gateway, site.id);
  if (arrival.kind === 'deletion') {
    const at = sortableInstant(arrival.at ?? new Date(gateway.clock()).toISOString(), site.timezone);
    const key = { site: site.id, type: arrival.type, id: arrival.id };
    return { kind: 'change', change: deletionOf(key, at, arrival.versionId), keys };
  }
  if (isDecisionTask(arrival.resource)) return decisionIn(arrival, site, keys);
  if (arrival.resource.resourceType === 'QuestionnaireResponse') return formIn(gateway, arrival, site, keys);
  const { study, valueSets, textRules } = gateway.loaded;
  const rules = { study, valueSets, textRules };
  const change = changeOf(arrival.resource, site, contextOf(arrival, site, keys), rules, once ?? undefined);
  return 'reason' in change ? refuse(arrival, change) : { kind: 'change', change, keys };
}

/** A filled form becomes the resources it stands for, each checked like any other. */
function formIn(gateway: Preparing, arrival: ArrivedResource, site: Site, keys: SiteKeys): Prepared {
  const { study, valueSets, textRules } = gateway.loaded;
  const response = arrival.resource as unknown as r4.QuestionnaireResponse;
  const form = formFor(response, gateway.forms ?? new Map());
  if (!form) return { kind: 'passed-over', type: 'QuestionnaireResponse', reason: 'no-form-of-the-study' };
  const made = resourcesOf(response, form, site, study);
  if (!made.ok) {
    const { linkId, code, message } = made.faults[0]!;
    const where = linkId ? `${linkId}: ` : '';
    return refuse(arrival, {
      reason: 'form-refused',
      expression: 'QuestionnaireResponse.item',
      message: `${where}${message} (${code})`,
    });
  }
  const changes: { change: Change; keys: SiteKeys }[] = [];
  for (const resource of made.resources) {
    const fault = gateway.shape.check(resource)[0];
    const change = fault ?? changeOf(resource, site, contextOf(arrival, site, keys), { study, valueSets, textRules });
    if ('reason' in change) return refuse(arrival, change);
    changes.push({ change, keys });
  }
  return { kind: 'form', changes };
}

function decisionIn(arrival: ArrivedResource, site: Site, keys: SiteKeys): SignedDecision | SetAside {
  const draft = decisionOfTask(arrival.resource);
  if ('expression' in draft) return refuse(arrival, draft);
  const patient = follow((arrival.resource.for ?? {}) as r4.Reference, contextOf(arrival, site, keys));
  if (patient.kind !== 'local' || !patient.reference.startsWith('Patient/')) {
    const message = 'Task.for must be a reference to a Patient of this hospital.';
    return refuse(arrival, { reason: 'subject-missing', expression: 'Task.for', message });
  }
  const { place, resource } = arrival;
  const content = () => contentOf(arrival);
  const { reference = '' } = (resource.focus ?? {}) as r4.Reference;
  const subject = /\bResearchSubject\/([^/]+)/.exec(reference)?.[1] ?? null;
  const id = patient.reference.slice('Patient/'.length);
  return { kind: 'decision', place, site, patient: id, subject, draft, content };
}

/** How the references of an arrival are followed at its hospital. */
export function contextOf(
  arrival: { bundle: { fullUrls: ReadonlyMap<string, string> } | null; fullUrl: string | null },
  site: Pick<Site, 'fhirBase' | 'identifierSystems'>,
  keys: SiteKeys,
): ReferenceContext {
  return {
    fhirBase: site.fhirBase,
    fullUrls: arrival.bundle?.fullUrls ?? new Map(),
    fullUrl: arrival.fullUrl,
    identifierAlias: (system, value) => identifierAlias(keys.identifierHash, system, value),
    urnAlias: (urn) => idHash(keys.identifierHash, 'urn', urn),
    identifierSystems: site.identifierSystems,
  };
}
