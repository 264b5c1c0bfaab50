import { readdir } from 'node:fs/promises';
import { instant, type RegistryDesk } from '../registry/desk.ts';
import { removeFiles } from '../registry/export/file.ts';
import { makeExport } from '../registry/export/segment.ts';
import type { EarlierLens, LensFor } from '../release/lens.ts';
import type { ExportRow } from '../store/export-rows.ts';

export interface ExportsParts {
  desk: RegistryDesk;
  /** Reads what people have granted: awaited before each export. */
  refresh: () => Promise<void>;
  lensFor: LensFor;
  /** What the registry might see at an instant (ISO 8601, UTC); null where no agreement is in force. */
  lensAt: (registry: string, at: string) => Promise<EarlierLens | null>;
  /** Folder of all exports. */
  folder: string;
  /** Milliseconds for which a finished export is kept. */
  keep: number;
  /** Hears of an outage or a fault of ours; the export it concerns has failed. */
  failed: (error: unknown) => void;
  /** Told of each export that ended, with a stable code. */
  ended?: (row: Pick<ExportRow, 'id' | 'client'>, code: 'done' | 'failed' | 'no-agreement') => void;
  /** Rows of one file. */
  fileRows?: number;
  /** Rows after which a thread takes over making lines. */
  threadRows?: number;
}

export interface Exports {
  /** There is an export to be made: look at once. */
  wake(): void;
  /** Stops making an export that was removed; resolves when nothing writes for it any more. */
  cancel(id: string): Promise<void>;
  /** Resolves when no export waits. */
  settled(): Promise<void>;
  /** Stops; what is not finished goes on where it is when the program starts again. */
  stop(): Promise<void>;
}

/** Exports that are made at a time: others wait their turn. */
const AT_ONCE = 2;
const FILE_ROWS = 100_000;
const SWEEP_MILLISECONDS = 600_000;

/** Makes exports in the order in which they were asked for, some at a time, and deletes those whose time is over. */
export function startExports(parts: ExportsParts): Exports {
  const { desk, folder, failed, ended = () => {} } = parts;
  const running = new Map<string, { stop: AbortController; done: Promise<void> }>();
  let stopping = false;
  let looking: Promise<void> = Promise.resolve();
  let idle: (() => void)[] = [];

  async function look(): Promise<void> {
    const waiting = await desk.store.read(({ study }) => study.waitingExports());
    for (const row of waiting) {
      if (stopping || running.size >= AT_ONCE) break;
      if (!running.has(row.id)) begin(row);
    }
    if (running.size === 0 && waiting.length === 0) for (const resolve of idle.splice(0)) resolve();
  }

  function begin(row: ExportRow): void {
    const stop = new AbortController();
    const done = make(row, stop.signal).finally(() => {
      running.delete(row.id);
      wake();
    });
    running.set(row.id, { stop, done });
  }

  async function make(row: ExportRow, signal: AbortSignal): Promise<void> {
    try {
      await parts.refresh();
      const lens = parts.lensFor(row.registry);
      if (!lens) return await end(row, 'no-agreement');
      const lensAt = (at: string) => parts.lensAt(row.registry, at);
      const { keep, fileRows = FILE_ROWS, threadRows } = parts;
      const work = {
        desk,
        lens,
        lensAt,
        folder,
        keep,
        signal,
        fileRows,
        ...(threadRows === undefined ? {} : { threadRows }),
      };
      if (await makeExport(work, row)) ended(row, 'done');
    } catch (error) {
      failed(error);
      await end(row, 'failed').catch(failed);
    }
  }

  async function end(row: ExportRow, code: 'failed' | 'no-agreement'): Promise<void> {
    await desk.store.withTransaction(async ({ study }) => {
      const current = await study.export(row.id);
      if (!current) return;
      const expiresAt = instant(desk.clock() + parts.keep);
      await study.noteExport({ ...current, state: 'failed', code: code === 'failed' ? 'fault' : code, expiresAt });
    });
    ended(row, code);
  }

  /** Deletes what is over, and folders of which nothing is known. */
  async function sweep(): Promise<void> {
    const over = await desk.store.withTransaction(async ({ study }) => {
      const ids = await study.expiredExports(instant(desk.clock()));
      for (const id of ids) await study.removeExport(id);
      return ids;
    });
    for (const id of over) await removeFiles(folder, id);
    for (const id of await readdir(folder).catch(() => [])) {
      if (!(await desk.store.read(({ study }) => study.export(id)))) await removeFiles(folder, id);
    }
  }

  function wake(): void {
    if (stopping) return;
    looking = looking.then(look).catch(failed);
  }

  looking = sweep().then(look).catch(failed);
  const timer = setInterval(() => {
    looking = looking.then(sweep).catch(failed);
  }, SWEEP_MILLISECONDS);
  timer.unref();

  return {
    wake,
    async cancel(id) {
      // One that was just begun is known once the look is over.
      await looking;
      const job = running.get(id);
      job?.stop.abort();
      await job?.done;
    },
    settled() {
      return new Promise((resolve) => {
        idle.push(resolve);
        wake();
      });
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      for (const { stop } of running.values()) stop.abort();
      await looking;
      await Promise.all([...running.values()].map(({ done }) => done));
      for (const resolve of idle.splice(0)) resolve();
      idle = [];
    },
  };
}
