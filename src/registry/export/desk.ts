import type { EarlierLens } from '../../release/lens.ts';
import type { ExportFileRow, ExportRow } from '../../store/export-rows.ts';
import type { Refusal } from '../answer.ts';
import { instant, type RegistryDesk } from '../desk.ts';
import { may, type Viewer } from '../viewer.ts';
import { exportFile, removeFiles } from './file.ts';
import { type KickOff, kickOff } from './kick-off.ts';
import { BEGINNING, type ExportMark, type ExportPlan } from './plan.ts';

/** Where an export is. */
export type ExportStatus =
  | { state: 'waiting'; progress: string }
  | { state: 'failed'; code: string }
  | { state: 'done'; manifest: object; expiresAt: string };

/** Exports of one client: whoever else asks finds nothing. */
export interface ExportDesk {
  kickOff(viewer: Viewer, asked: KickOff): Promise<{ id: string } | Refusal>;
  status(viewer: Viewer, id: string): Promise<ExportStatus | null>;
  /** The path of a file, or why it is not given. */
  file(viewer: Viewer, id: string, number: number): Promise<{ path: string } | Refusal>;
  /** Stops it if it is not done, and deletes its files. False when there is none. */
  remove(viewer: Viewer, id: string): Promise<boolean>;
}

export interface ExportDeskParts {
  desk: RegistryDesk;
  /** Folder of all exports. */
  folder: string;
  /** What a registry might see at an instant (ISO 8601, UTC), and who has taken a purpose back since. */
  lensAt: (registry: string, at: string) => Promise<EarlierLens | null>;
  newId: () => string;
  /** There is an export to be made. */
  wake(): void;
  /** Resolves when nothing writes for this export any more. */
  cancel(id: string): Promise<void>;
}

export function createExportDesk({ desk, folder, lensAt, newId, wake, cancel }: ExportDeskParts): ExportDesk {
  async function own({ client }: Viewer, id: string): Promise<ExportRow | null> {
    const row = await desk.store.read(({ study }) => study.export(id));
    if (!row || row.client !== client) return null;
    return row.expiresAt !== null && row.expiresAt <= instant(desk.clock()) ? null : row;
  }

  return {
    async kickOff(viewer, asked) {
      const taken = await kickOff(desk, viewer, asked, newId);
      if ('id' in taken) wake();
      return taken;
    },
    async status(viewer, id) {
      const row = await own(viewer, id);
      if (!row) return null;
      if (row.state === 'failed') return { state: 'failed', code: row.code ?? 'fault' };
      const plan = JSON.parse(row.plan) as ExportPlan;
      if (row.state === 'waiting') return { state: 'waiting', progress: progressOf(row, plan) };
      const files = await desk.store.read(({ study }) => study.exportFiles(id));
      return { state: 'done', manifest: manifestOf(desk.base, id, plan, files), expiresAt: row.expiresAt! };
    },
    async file(viewer, id, number) {
      const row = await own(viewer, id);
      if (row?.state !== 'done') return NO_FILE;
      const { at } = JSON.parse(row.plan) as ExportPlan;
      const files = await desk.store.read(({ study }) => study.exportFiles(id));
      const file = files.find((one) => one.number === number);
      if (!file || (file.kind === 'output' && !may(viewer, file.type, 'r'))) return NO_FILE;
      if (file.kind !== 'output') return { path: exportFile(folder, id, number) };
      const earlier = await lensAt(row.registry, at);
      if ((earlier && earlier.lost.length > 0) || (await hasLeft(desk, at))) return LEFT;
      return { path: exportFile(folder, id, number) };
    },
    async remove(viewer, id) {
      if (!(await own(viewer, id))) return false;
      await desk.store.withTransaction(async (tx) => {
        await tx.study.removeExport(id);
        const at = instant(desk.clock());
        await tx.addAudit({ at, actor: viewer.client, action: 'export-removed', object: id, detail: null });
      });
      await cancel(id);
      await removeFiles(folder, id);
      return true;
    },
  };
}

/** The manifest (Bulk Data Access 2.0, "Response - Complete Status"). */
function manifestOf(base: string, id: string, plan: ExportPlan, files: readonly ExportFileRow[]): object {
  const of = (kind: ExportFileRow['kind']) =>
    files
      .filter((file) => file.kind === kind)
      .map(({ type, number, lines }) => ({ type, url: `${base}/export/${id}/${number}.ndjson`, count: lines }));
  return {
    transactionTime: plan.at,
    request: plan.request,
    requiresAccessToken: true,
    output: of('output'),
    deleted: of('deleted'),
    error: of('error'),
  };
}

function progressOf({ mark, resources }: ExportRow, { types }: ExportPlan): string {
  const { type } = mark === null ? BEGINNING : (JSON.parse(mark) as ExportMark);
  return `${type} of ${types.length} types, ${resources} resources`;
}

/** Whether anybody has left the study side since: then files that may tell of them are given to nobody. */
async function hasLeft(desk: RegistryDesk, since: string): Promise<boolean> {
  const span = { since, until: instant(desk.clock()) };
  return desk.store.read(async ({ study }) => {
    for (const type of ['Patient', 'Consent'])
      for (let after: ExportMark['after'] = null; ; ) {
        const rows = await study.changedAfter(type, span, after, 500);
        if (rows.some(({ deleted }) => deleted)) return true;
        const last = rows.at(-1);
        if (!last || rows.length < 500) break;
        after = { lastUpdated: last.lastUpdated, id: last.id };
      }
    return false;
  });
}

const NO_FILE: Refusal = {
  status: 404,
  code: 'not-found',
  issue: 'not-found',
  message: 'There is no such file of an export of this client, or its time is over.',
};
const LEFT: Refusal = {
  status: 410,
  code: 'withdrawn-since',
  issue: 'deleted',
  message: 'Somebody withdrew after this export was made. Delete it and what you have of it, and export again.',
};
