import type { Fault } from '../fhir/refusal.ts';
import type { FhirResource, r4 } from '../fhir/resource.ts';
import type { Decision, DecisionKind, Role } from '../study/decision.ts';
import { DECISION_KINDS, ROLES } from '../study/decision.ts';

/** Code system of Task.code that makes a Task a decision. */
export const DECISION_SYSTEM = 'https://study-gateway.example/CodeSystem/decision';

/** Whether a resource is a decision: a Task whose code is of the decision system. */
export function isDecisionTask(resource: FhirResource): boolean {
  return (
    resource.resourceType === 'Task' &&
    ((resource as unknown as r4.Task).code?.coding ?? []).some(({ system }) => system === DECISION_SYSTEM)
  );
}

/**
 * Reads a decision out of a completed R4 Task: `code` the kind, `requester.identifier` who signed, `authoredOn` when,
 * `focus` the version of the ResearchSubject that was seen, `reasonCode` the reason, `input` role, meaning, about,
 * answer, attests.
 */
export function decisionOfTask(resource: FhirResource): Omit<Decision, 'basis'> | Fault {
  const task = resource as unknown as r4.Task;
  const kind = task.code?.coding?.find(({ system }) => system === DECISION_SYSTEM)?.code as DecisionKind | undefined;
  const input = (name: string) =>
    (task.input ?? []).flatMap((one) => {
      const named = one.type.text === name || (one.type.coding ?? []).some(({ code }) => code === name);
      const value = one.valueString ?? one.valueCode;
      return named && value ? [value] : [];
    });
  const role = input('role')[0] as Role | undefined;
  const by = task.requester?.identifier?.value ?? task.requester?.reference;
  const at = task.authoredOn ? Date.parse(task.authoredOn) : Number.NaN;
  if (!kind || !DECISION_KINDS.includes(kind))
    return fault('Task.code', `The decision must be one of ${DECISION_KINDS.join(', ')}.`);
  if (task.status !== 'completed') return fault('Task.status', 'Only a completed Task is a signed decision.');
  if (!role || !ROLES.includes(role)) return fault('Task.input', `An input "role" must say ${ROLES.join(', ')}.`);
  if (!by) return fault('Task.requester', 'The requester must say who signed, by identifier or reference.');
  if (Number.isNaN(at)) return fault('Task.authoredOn', 'authoredOn must be an instant: when it was signed.');
  const seen = /\/_history\/(\d+)$/.exec(task.focus?.reference ?? '')?.[1];
  return {
    id: task.id!,
    kind,
    at: new Date(at).toISOString(),
    by: { id: by, role },
    meaning: input('meaning')[0] ?? kind,
    reason: task.reasonCode?.coding?.[0]?.code ?? task.reasonCode?.text ?? null,
    about: input('about')[0] ?? null,
    answer: input('answer')[0] ?? null,
    attests: input('attests'),
    seen: seen ? Number(seen) : null,
  };
}

function fault(expression: string, message: string): Fault {
  return { reason: 'shape', expression, message };
}
