import { createHash } from 'node:crypto';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import { type Decision, inOrder, latest } from '../study/decision.ts';
import type { Finding } from './assessment.ts';
import { evidenceOf } from './evidence.ts';

/** What people decided, as the record shows it. */
export interface Decided {
  /** Tasks for the variable %decisions: the last word on suitability. */
  tasks: FhirResource[];
  /** Copies of resources that an investigator confirmed, each with the concept it is confirmed to be. */
  confirmed: { resource: FhirResource; concept: string }[];
  /** `Type/id/_history/version|concept` pairs that are no suggestion any more: confirmed or rejected. */
  settledTexts: ReadonlySet<string>;
}

const SUITABILITY = ['suitable', 'unsuitable'] as const;

/**
 * Reads decisions into the record. A confirmation holds for the version it was given on: a newer version of the
 * resource is a new suggestion.
 */
export function readDecisions(decisions: readonly Decision[], resources: readonly FhirResource[]): Decided {
  const suitability = latest(decisions, SUITABILITY);
  const words = new Map<string, Decision>();
  for (const one of inOrder(decisions)) {
    if (one.kind === 'confirm' || one.kind === 'reject') words.set(`${one.about}|${one.answer}`, one);
  }
  const byEvidence = new Map(resources.map((resource) => [evidenceOf(resource), resource]));
  const confirmed = [...words.values()].flatMap((one) => {
    const resource = one.kind === 'confirm' ? byEvidence.get(one.about ?? '') : undefined;
    return resource && one.answer ? [{ resource: confirmedCopy(resource, one), concept: one.answer }] : [];
  });
  return {
    tasks: suitability ? [taskOf(suitability)] : [],
    confirmed,
    settledTexts: new Set(words.keys()),
  };
}

/** The last settlement of a criterion, as long as nothing was found since. */
export function settlementOf(
  decisions: readonly Decision[],
  criterion: string,
  findings: readonly Finding[],
): Decision | null {
  const settled = latest(decisions, ['settle'], criterion);
  return settled && settled.basis === markOf(findings) ? settled : null;
}

/** A short mark of findings: equal while the same rules speak of the same versions. */
export function markOf(findings: readonly Finding[]): string {
  const parts = findings.map(({ says, reason, evidence }) => [says, reason, [...evidence].sort()]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** A report that is confirmed is a diagnosis from then on; everything else stays what it is. */
function confirmedCopy(resource: FhirResource, { id, at }: Decision): FhirResource {
  const code = { ...(resource.code as r4.CodeableConcept | undefined) };
  if (resource.resourceType !== 'DiagnosticReport') {
    const { verificationStatus: _, ...rest } = resource;
    return { ...rest, code };
  }
  return {
    resourceType: 'Condition',
    id: `${resource.id}`,
    ...(resource.meta ? { meta: resource.meta } : {}),
    code,
    recordedDate: at,
    note: [{ text: `Task/${id}` }],
  };
}

function taskOf({ id, kind, at }: Decision): FhirResource {
  return {
    resourceType: 'Task',
    id,
    status: 'completed',
    intent: 'order',
    authoredOn: at,
    code: { coding: [{ code: kind }] },
  };
}
