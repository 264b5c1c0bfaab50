import type { FhirResource } from '../fhir/resource.ts';
import { keyedHash } from '../identity/keyed-hash.ts';
import type { SiteKeys } from '../identity/keys.ts';
import type { TaskRow } from '../store/research-rows.ts';
import type { Transaction } from '../store/store.ts';
import type { Duty } from './duties.ts';
import type { Gateway } from './gateway.ts';
import { showTask } from './notice.ts';

/** CodeSystem of what a Task asks for. */
export const TASK_CODES = 'https://study-gateway.example/cs/task';

/** Whose tasks they are. */
export interface TasksOf {
  site: string;
  /** Patient id at the hospital. */
  patient: string;
  subject: string;
  keys: SiteKeys;
}

/** R4 task-status of a duty. */
const STATUS = { open: 'requested', done: 'completed', failed: 'failed' } as const;

/**
 * Keeps a subject's Tasks in step with what is to be done: a new one for each new duty, a new version when it changes,
 * `completed` once it is done, `cancelled` when nothing asks for it any more. What was done before anybody was asked
 * makes no Task.
 * @param now the clock of the criteria, ms: since when something is asked
 */
export async function keepTasks(
  gateway: Gateway,
  tx: Transaction,
  about: TasksOf,
  duties: readonly Duty[],
  now: number,
): Promise<void> {
  const known = new Map((await tx.hospital.tasksOf(about.subject)).map((row) => [row.id, row]));
  const lastUpdated = new Date(gateway.clock()).toISOString();
  const asked = new Set<string>();
  for (const duty of duties) {
    const id = keyedHash(about.keys.pseudonym, 'task', about.subject, duty.kind, duty.focus);
    asked.add(id);
    const before = known.get(id);
    if (!before && duty.state !== 'open') continue;
    const task = taskOf(id, about.patient, duty, before ? bodyOf(before) : null, now);
    await put(tx, about, before, task, lastUpdated);
  }
  for (const [id, row] of known) {
    if (!asked.has(id) && row.open) await put(tx, about, row, { ...bodyOf(row), status: 'cancelled' }, lastUpdated);
  }
}

/** Cancels what is still asked for a subject that is no more. */
export async function cancelTasks(gateway: Gateway, tx: Transaction, about: TasksOf): Promise<void> {
  await keepTasks(gateway, tx, about, [], 0);
}

async function put(
  tx: Transaction,
  { site, patient, subject }: TasksOf,
  before: TaskRow | undefined,
  task: FhirResource,
  lastUpdated: string,
): Promise<void> {
  const { meta: _, ...content } = task;
  if (before && JSON.stringify(withoutMeta(bodyOf(before))) === JSON.stringify(content)) return;
  const version = (before?.version ?? 0) + 1;
  const { resourceType, id, ...rest } = content;
  const body = JSON.stringify({ resourceType, id, meta: { versionId: String(version), lastUpdated }, ...rest });
  const open = task.status === 'requested';
  const row = { id: String(id), site, patient, subject, open, version, lastUpdated, body };
  await tx.hospital.putTask(row);
  await showTask(tx, row, String(task.status));
}

/** R4 Task; it names hospital resources and never leaves the hospital. What is due at once is due since it was asked. */
function taskOf(id: string, patient: string, duty: Duty, before: FhirResource | null, now: number): FhirResource {
  const { kind, words, focus, state, dueAt, codes, urgent } = duty;
  const end = dueAt === null ? null : new Date(dueAt).toISOString();
  return {
    resourceType: 'Task',
    id,
    status: STATUS[state],
    intent: 'order',
    priority: urgent ? 'urgent' : 'routine',
    code: { coding: [{ system: TASK_CODES, code: kind }], text: words.en },
    description: words.zh,
    focus: { reference: focus },
    for: { reference: `Patient/${patient}` },
    authoredOn: before && before.status === 'requested' ? before.authoredOn : new Date(now).toISOString(),
    ...(codes.length > 0 ? { reasonCode: { coding: codes.map((code) => ({ system: TASK_CODES, code })) } } : {}),
    ...(end ? { restriction: { period: { end } } } : keepsEnd(before)),
  };
}

/** A stamp takes away since when something was unread; the Task still says when it was due. */
function keepsEnd(before: FhirResource | null): object {
  return before?.restriction ? { restriction: before.restriction } : {};
}

function bodyOf({ body }: TaskRow): FhirResource {
  return JSON.parse(body) as FhirResource;
}

function withoutMeta({ meta: _, ...content }: FhirResource): object {
  return content;
}
