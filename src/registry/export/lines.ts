import type { r4 } from '../../fhir/resource.ts';
import type { EarlierLens } from '../../release/lens.ts';
import type { StandingRow } from '../../store/standing-rows.ts';
import type { Transaction } from '../../store/store.ts';
import { createSites, showRow } from '../shown.ts';
import type { Viewer } from '../viewer.ts';
import type { Members } from './members.ts';
import type { ExportPlan } from './plan.ts';
import type { Candidate } from './render.ts';

type Study = Transaction['study'];

/** A page of rows, sorted by what may become of them. */
export interface Looked {
  /** To be shown, as far as the agreement does. */
  candidates: Candidate[];
  /** Stood, and may not be seen any more; only of an export with `_since`. */
  lost: StandingRow[];
}

/** Decides what each row gives. */
export interface Liner {
  look(study: Study, rows: readonly StandingRow[]): Promise<Looked>;
  /** Names of what was shown at `_since` and is not any more, of `lost` and of candidates that turned out to be hidden. */
  gone(study: Study, rows: readonly Omit<StandingRow, 'deleted' | 'gone'>[]): Promise<string[]>;
}

/** @param earlier the lens at `_since`; null without one */
export function createLiner(
  { lens }: Pick<Viewer, 'lens'>,
  earlier: EarlierLens | null,
  plan: ExportPlan,
  members: Members,
): Liner {
  const sites = createSites();
  const { since, until } = plan;
  const joined = new Set(members.joined);

  /** Whether the registry had a version of it at `_since`. */
  async function had(study: Study, { type, id }: Pick<StandingRow, 'type' | 'id'>): Promise<boolean> {
    const before = await study.standing(type, id, since!);
    if (!before || before.deleted || !members.before(before.subject)) return false;
    await sites.meet(study, [before]);
    return earlier !== null && showRow(earlier.lens, before, sites.of(before.subject)) !== null;
  }

  /** Whether a row that stands is news, whatever it was before. */
  const isFresh = (row: StandingRow) => since === null || row.lastUpdated > since || joined.has(row.subject);

  return {
    async look(study, rows) {
      const looked: Looked = { candidates: [], lost: [] };
      await sites.meet(study, rows);
      for (const row of rows) {
        if (until !== null && row.lastUpdated > until) continue;
        // Withdrawn since the export began: it is not told any more; the next one tells that it is gone.
        if (row.gone && !row.deleted) continue;
        const site = sites.of(row.subject);
        if (row.deleted) looked.lost.push(row);
        // Who only left the group is still there for the registry.
        else if (!members.now(row.subject)) continue;
        else if (isFresh(row) || !(await had(study, row))) looked.candidates.push(candidate(row, site));
        else if (!showRow(lens, row, site)) looked.lost.push(row);
      }
      return looked;
    },
    async gone(study, rows) {
      const names: string[] = [];
      lens.meet(rows);
      for (const row of since === null ? [] : rows)
        if (await had(study, row)) names.push(`${row.type}/${lens.registryId(row.type, row.id)}`);
      return names;
    },
  };
}

function candidate(row: StandingRow, site: string | null): Candidate {
  const { type, id, subject, version, lastUpdated, body } = row;
  return { type, id, subject, version, lastUpdated, body, site };
}

/** Entries of one Bundle of deletions. */
const DELETIONS = 100;

/** Lines of deletions: Bundles of type transaction (Bulk Data Access 2.0, "deleted"). */
export function deletionLines(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (let from = 0; from < names.length; from += DELETIONS) {
    const entry = names.slice(from, from + DELETIONS).map((url) => ({ request: { method: 'DELETE' as const, url } }));
    lines.push(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry } satisfies r4.Bundle));
  }
  return lines;
}
