import type { EarlierLens } from '../../release/lens.ts';
import type { ExportFileRow, ExportRow } from '../../store/export-rows.ts';
import { warnings } from '../answer.ts';
import { instant, type RegistryDesk } from '../desk.ts';
import type { Viewer } from '../viewer.ts';
import { type LineFile, lineFile } from './file.ts';
import { inOrder } from './in-order.ts';
import { createLiner, deletionLines } from './lines.ts';
import { membersOf } from './members.ts';
import { createPages, type Page, type Pages } from './pages.ts';
import { BEGINNING, type ExportMark, type ExportPlan } from './plan.ts';
import type { Rendered } from './render.ts';
import { createRenderer, type Renderer } from './renderer.ts';

export interface ExportWork {
  desk: RegistryDesk;
  lens: Viewer['lens'];
  /** What the registry might see at an instant; asked for `_since`. */
  lensAt: (at: string) => Promise<EarlierLens | null>;
  /** Folder of all exports. */
  folder: string;
  /** Milliseconds for which a finished export is kept. */
  keep: number;
  /** Aborted when the export is to stop where it is. */
  signal: AbortSignal;
  /** Rows of one file; fewer in tests. */
  fileRows: number;
  /** Rows after which a thread takes over making lines. */
  threadRows?: number;
}

/** Pages in memory: one is read, two are with a thread, one is written. */
const IN_HAND = 4;
const THREAD_ROWS = 5_000;

/** Makes an export from where it is, file by file, each noted when it is durable. @returns whether it is done; else it was stopped or removed */
export async function makeExport(work: ExportWork, begun: ExportRow): Promise<boolean> {
  const plan = JSON.parse(begun.plan) as ExportPlan;
  const { desk, lens, signal, threadRows = THREAD_ROWS } = work;
  const members = await membersOf(desk, work, plan);
  const earlier = plan.since === null ? null : await work.lensAt(plan.since);
  const liner = createLiner(work, earlier, plan, members);
  const older = new Set([...members.joined, ...(earlier?.regranted ?? [])]);
  const pages = createPages(desk, plan, liner, [...older]);
  const { filters, elements } = plan;
  const renderer = createRenderer(lens, { filters, elements, zone: desk.study.timezone, base: desk.base }, threadRows);
  try {
    let row: ExportRow | null = begun;
    if (row.mark === null) row = await writeIgnored(work, row, plan);
    while (row?.state === 'waiting' && !signal.aborted) row = await makeFiles(work, row, plan, pages, renderer);
    return row?.state === 'done';
  } finally {
    await renderer.close();
  }
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
  pages: Pages,
  renderer: Renderer,
): Promise<ExportRow | null> {
  const mark = JSON.parse(row.mark!) as ExportMark;
  const type = plan.types[mark.type];
  if (type === undefined) return finish(work, row);
  const output = lineFile(work.folder, row.id, mark.file + 1);
  const deleted = lineFile(work.folder, row.id, mark.file + 2);
  const inHand = inOrder(IN_HAND);
  const take = (page: Page) =>
    inHand.add(renderer.render(page.candidates), (rendered) => write(pages, page, rendered, output, deleted));
  let after = mark.after;
  let [rows, more] = [0, true];
  try {
    while (more && rows < work.fileRows) {
      if (work.signal.aborted) return row;
      const page = await pages.next(type, after, work.fileRows);
      await take(page);
      rows += page.rows;
      after = page.last ?? after;
      more = page.more;
    }
    if (!more) for await (const page of pages.older(type)) await take(page);
    await inHand.done();
  } finally {
    await inHand.done().catch(() => {});
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

async function write(
  pages: Pages,
  page: Page,
  { text, lines, hidden }: Rendered,
  output: LineFile,
  deleted: LineFile,
): Promise<void> {
  await output.append(text, lines);
  const gone = await pages.gone([...page.lost, ...hidden.map((at) => page.candidates[at]!)]);
  if (gone.length > 0) await deleted.write(deletionLines(gone));
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
