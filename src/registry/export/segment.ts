import type { ExportFileRow, ExportRow } from '../../store/export-rows.ts';
import type { StandingRow } from '../../store/standing-rows.ts';
import type { Transaction } from '../../store/store.ts';
import { warnings } from '../answer.ts';
import { instant, type RegistryDesk } from '../desk.ts';
import type { Viewer } from '../viewer.ts';
import { type LineFile, lineFile } from './file.ts';
import { createLiner, deletionLines, type Given, type Liner } from './lines.ts';
import { type Members, membersOf } from './members.ts';
import { BEGINNING, type ExportMark, type ExportPlan } from './plan.ts';

export interface ExportWork {
  desk: RegistryDesk;
  lens: Viewer['lens'];
  /** Folder of all exports. */
  folder: string;
  /** Milliseconds for which a finished export is kept. */
  keep: number;
  /** Aborted when the export is to stop where it is. */
  signal: AbortSignal;
  /** Rows of one file; fewer in tests. */
  fileRows: number;
}

/** Rows of one read: others read in between, and no more of them is in memory at a time. */
const PAGE = 500;

/** Makes an export from where it is, file by file, each noted when it is durable. @returns whether it is done; else it was stopped or removed */
export async function makeExport(work: ExportWork, begun: ExportRow): Promise<boolean> {
  const plan = JSON.parse(begun.plan) as ExportPlan;
  const members = await membersOf(work.desk, work, plan);
  const liner = createLiner(work.desk, work, plan, members);
  let row: ExportRow | null = begun;
  if (row.mark === null) row = await writeIgnored(work, row, plan);
  while (row?.state === 'waiting' && !work.signal.aborted) row = await makeFiles(work, row, plan, members, liner);
  return row?.state === 'done';
}

/** What was passed over stands in a file of its own. */
async function writeIgnored(work: ExportWork, row: ExportRow, { ignored }: ExportPlan): Promise<ExportRow | null> {
  const errors = lineFile(work.folder, row.id, 1);
  await errors.write(ignored.map((one) => JSON.stringify(warnings([one]))));
  await errors.close();
  const file: ExportFileRow = {
    export: row.id,
    number: 1,
    kind: 'error',
    type: 'OperationOutcome',
    lines: errors.lines,
  };
  return note(work, { ...row, mark: JSON.stringify({ ...BEGINNING, file: 1 }) }, [file]);
}

/** Makes at most one file of output and one of deletions; null when the export was removed meanwhile. */
async function makeFiles(
  work: ExportWork,
  row: ExportRow,
  plan: ExportPlan,
  members: Members,
  liner: Liner,
): Promise<ExportRow | null> {
  const mark = JSON.parse(row.mark!) as ExportMark;
  const type = plan.types[mark.type];
  if (type === undefined) return finish(work, row);
  const output = lineFile(work.folder, row.id, mark.file + 1);
  const deleted = lineFile(work.folder, row.id, mark.file + 2);
  let after = mark.after;
  let [rows, more] = [0, true];
  const limit = Math.min(PAGE, work.fileRows);
  // A page is written while the next is read: two are in memory at most.
  let writing: Promise<void> = Promise.resolve();
  const next = async (page: Page) => {
    await writing;
    writing = write(page, output, deleted);
    writing.catch(() => {});
  };
  try {
    while (more && rows < work.fileRows) {
      if (work.signal.aborted) return row;
      const page = await pageOf(work.desk, plan, type, after, limit, liner);
      await next(page);
      rows += page.rows;
      after = page.last ?? after;
      more = page.rows === limit;
    }
    if (!more) await next(await pageOfJoined(work.desk, plan, type, members, liner));
    await writing;
  } finally {
    await writing.catch(() => {});
    await Promise.all([output.close(), deleted.close()]);
  }
  const reached: ExportMark = more
    ? { type: mark.type, after, file: mark.file + 2 }
    : { type: mark.type + 1, after: null, file: mark.file + 2 };
  return note(work, { ...row, mark: JSON.stringify(reached), resources: row.resources + rows }, [
    { export: row.id, number: mark.file + 1, kind: 'output', type, lines: output.lines },
    { export: row.id, number: mark.file + 2, kind: 'deleted', type: 'Bundle', lines: deleted.lines },
  ]);
}

interface Page extends Given {
  rows: number;
  last: { lastUpdated: string; id: string } | null;
}

async function write({ lines, gone }: Page, output: LineFile, deleted: LineFile): Promise<void> {
  await output.write(lines);
  await deleted.write(deletionLines(gone));
}

/** The next rows: of everything, or of what changed. */
function pageOf(
  { store }: RegistryDesk,
  { at, since }: ExportPlan,
  type: string,
  after: ExportMark['after'],
  limit: number,
  liner: Liner,
): Promise<Page> {
  return store.read(async ({ study }) => {
    const rows =
      since === null
        ? await study.standingAfter(type, at, after?.id ?? '', limit)
        : await study.changedAfter(type, { since, until: at }, after, limit);
    return given(study, rows, liner);
  });
}

/** What is older of those who came into the group since. */
function pageOfJoined(
  { store }: RegistryDesk,
  { at, since }: ExportPlan,
  type: string,
  { joined }: Members,
  liner: Liner,
): Promise<Page> {
  return store.read(async ({ study }) => {
    const rows: StandingRow[] = [];
    // Every ResearchSubject was looked at, changed or not.
    if (since !== null && type !== 'ResearchSubject')
      for (const subject of joined)
        for (const row of await study.standingOf(subject, at))
          if (row.type === type && row.lastUpdated <= since) rows.push(row);
    return given(study, rows, liner);
  });
}

async function given(study: Transaction['study'], rows: readonly StandingRow[], liner: Liner): Promise<Page> {
  const last = rows.at(-1);
  return {
    ...(await liner.give(study, rows)),
    rows: rows.length,
    last: last ? { lastUpdated: last.lastUpdated, id: last.id } : null,
  };
}

async function finish(work: ExportWork, row: ExportRow): Promise<ExportRow | null> {
  const now = work.desk.clock();
  return work.desk.store.withTransaction(async (tx) => {
    if (!(await tx.study.export(row.id))) return null;
    const done: ExportRow = { ...row, state: 'done', expiresAt: instant(now + work.keep) };
    await tx.study.noteExport(done);
    const files = (await tx.study.exportFiles(row.id)).filter(({ kind }) => kind !== 'error');
    const detail = files.map(({ kind, type, lines }) => `${kind === 'deleted' ? 'deleted' : type} ${lines}`).join(', ');
    await tx.addAudit({ at: instant(now), actor: row.client, action: 'export-made', object: row.id, detail });
    return done;
  });
}

/** Notes how far it has come, with the files that have lines. */
async function note({ desk }: ExportWork, row: ExportRow, files: readonly ExportFileRow[]): Promise<ExportRow | null> {
  return desk.store.withTransaction(async ({ study }) => {
    if (!(await study.export(row.id))) return null;
    for (const file of files) if (file.lines > 0) await study.addExportFile(file);
    await study.noteExport(row);
    return row;
  });
}
