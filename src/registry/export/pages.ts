import type { StandingRow } from '../../store/standing-rows.ts';
import type { Transaction } from '../../store/store.ts';
import type { RegistryDesk } from '../desk.ts';
import type { Liner, Looked } from './lines.ts';
import type { ExportMark, ExportPlan } from './plan.ts';

/** Rows of one read, looked at. */
export interface Page extends Looked {
  rows: number;
  last: { lastUpdated: string; id: string } | null;
  /** Whether there may be others behind it. */
  more: boolean;
}

/** Everything an export looks at, in pages. */
export interface Pages {
  /** The next rows of a type: of everything, or of what changed. @param most rows at most */
  next(type: string, after: ExportMark['after'], most: number): Promise<Page>;
  /** What did not change of those who came into the group since, or who granted other purposes. */
  older(type: string): AsyncIterable<Page>;
  gone: (rows: Parameters<Liner['gone']>[1]) => Promise<string[]>;
}

/** Rows of one read: others read in between, and no more of them is in memory at a time. */
const PAGE = 500;
/** Subjects of one read. */
const SUBJECTS = 20;

/** @param older our ids of the subjects of whom everything is looked at */
export function createPages({ store }: RegistryDesk, plan: ExportPlan, liner: Liner, older: readonly string[]): Pages {
  const { at, since } = plan;

  async function looked(study: Transaction['study'], rows: readonly StandingRow[], more: boolean): Promise<Page> {
    const last = rows.at(-1);
    return {
      ...(await liner.look(study, rows)),
      rows: rows.length,
      last: last ? { lastUpdated: last.lastUpdated, id: last.id } : null,
      more,
    };
  }

  return {
    next(type, after, most) {
      const limit = Math.min(PAGE, most);
      return store.read(async ({ study }) => {
        const rows =
          since === null
            ? await study.standingAfter(type, at, after?.id ?? '', limit)
            : await study.changedAfter(type, { since, until: at }, after, limit);
        return looked(study, rows, rows.length === limit);
      });
    },
    async *older(type) {
      // Every ResearchSubject was looked at, changed or not.
      if (since === null || type === 'ResearchSubject') return;
      for (let from = 0; from < older.length; from += SUBJECTS)
        yield await store.read(async ({ study }) => {
          const rows: StandingRow[] = [];
          for (const subject of older.slice(from, from + SUBJECTS))
            for (const row of await study.standingOf(subject, at))
              if (row.type === type && row.lastUpdated <= since) rows.push(row);
          return looked(study, rows, true);
        });
    },
    gone: async (rows) =>
      since === null || rows.length === 0 ? [] : store.read(({ study }) => liner.gone(study, rows)),
  };
}
