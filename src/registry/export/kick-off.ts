import type { ExportRow } from '../../store/export-rows.ts';
import type { Refusal } from '../answer.ts';
import { instant, type RegistryDesk } from '../desk.ts';
import { groupsOf, membersAt } from '../group.ts';
import { typeRefusal, type Viewer } from '../viewer.ts';
import { readAsked } from './asked.ts';
import { subjectsOf } from './members.ts';
import type { ExportPlan } from './plan.ts';

export interface KickOff {
  /** URL of the request. */
  request: string;
  level: 'system' | 'patient' | 'group';
  group: string | null;
  given: URLSearchParams;
  lenient: boolean;
  /** By POST: patients may be named. */
  posted: boolean;
}

/** Exports of one client that may wait at a time. */
const MOST_WAITING = 5;

/**
 * Takes an export on (Bulk Data Access 2.0, "Bulk Data Kick-off Request"). It shows the moment below every transaction
 * that is open now: what is written later is later than `transactionTime`, and so is found by the next `_since`.
 * @returns the id of the export
 */
export async function kickOff(
  desk: RegistryDesk,
  viewer: Viewer,
  asked: KickOff,
  newId: () => string,
): Promise<{ id: string } | Refusal> {
  const refusal = asked.level === 'group' ? groupRefusal(desk, viewer, asked.group) : null;
  if (refusal) return refusal;
  const read = readAsked(desk, viewer, asked.given, {
    lenient: asked.lenient,
    patients: asked.posted && asked.level !== 'system',
  });
  if ('status' in read) return read;
  const at = instant(await desk.store.settled(desk.clock));
  const plan: ExportPlan = { ...read, request: asked.request, group: asked.group, at };
  const unknown = await unknownPatients(desk, viewer, plan);
  if (unknown.length > 0) {
    if (!asked.lenient || unknown.length === plan.patients!.length) return PATIENT_UNKNOWN;
    const known = plan.patients!.filter((patient) => !unknown.includes(patient));
    return add(desk, viewer, { ...plan, patients: known, ignored: [...plan.ignored, PATIENT_UNKNOWN] }, newId());
  }
  return add(desk, viewer, plan, newId());
}

async function add(
  desk: RegistryDesk,
  { client, lens }: Viewer,
  plan: ExportPlan,
  id: string,
): Promise<{ id: string } | Refusal> {
  const row: ExportRow = {
    ...{ id, client, registry: lens.registry, plan: JSON.stringify(plan), state: 'waiting', code: null },
    ...{ at: instant(desk.clock()), mark: null, resources: 0, expiresAt: null },
  };
  return desk.store.withTransaction(async (tx) => {
    const waiting = await tx.study.waitingExports();
    if (waiting.filter((one) => one.client === client).length >= MOST_WAITING) return TOO_MANY;
    await tx.study.addExport(row);
    const detail = `${lens.registry}: ${plan.types.join(' ')}${plan.since === null ? '' : ` since ${plan.since}`}`;
    await tx.addAudit({ at: row.at, actor: client, action: 'export-asked', object: id, detail });
    return { id };
  });
}

/** Those that the registry does not see, or that are not in the group. */
async function unknownPatients(desk: RegistryDesk, { lens }: Viewer, plan: ExportPlan): Promise<string[]> {
  if (plan.patients === null) return [];
  const group = groupsOf(desk).find(({ id }) => id === plan.group);
  const members = group ? await membersAt(desk, group, plan.at) : null;
  const unknown: string[] = [];
  for (const patient of plan.patients) {
    const [subject] = await subjectsOf(desk, lens, [patient], plan.at);
    if (subject === undefined || (members && !members.has(subject))) unknown.push(patient);
  }
  return unknown;
}

function groupRefusal(desk: RegistryDesk, viewer: Viewer, id: string | null): Refusal | null {
  return typeRefusal(viewer, 'Group', 'r') ?? (groupsOf(desk).some((group) => group.id === id) ? null : GROUP_UNKNOWN);
}

const GROUP_UNKNOWN: Refusal = {
  status: 404,
  code: 'not-found',
  issue: 'not-found',
  message: 'There is no such Group. GET Group lists them.',
};
const PATIENT_UNKNOWN: Refusal = {
  status: 400,
  code: 'patient-unknown',
  issue: 'not-found',
  message: 'A patient that was named is not known to this registry, or is not in the group.',
};
const TOO_MANY: Refusal = {
  status: 429,
  code: 'too-many-exports',
  issue: 'throttled',
  message: 'Too many exports of this client wait already. Wait until one is done, or delete one.',
};
