import type { FhirResource, r4 } from '../../fhir/resource.ts';
import type { StandingRow } from '../../store/standing-rows.ts';
import type { Transaction } from '../../store/store.ts';
import type { RegistryDesk } from '../desk.ts';
import { elementsFrom, type Part, partOf, WHOLE } from '../part.ts';
import type { Clause } from '../search/clause.ts';
import { readQuery } from '../search/query.ts';
import { createShower } from '../shown.ts';
import { SERVED } from '../types.ts';
import type { Viewer } from '../viewer.ts';
import type { Members } from './members.ts';
import type { ExportPlan } from './plan.ts';

/** What a page of rows gives: lines of output, and names of what is gone. */
export interface Given {
  lines: string[];
  gone: string[];
}

/** Decides what each row gives. */
export interface Liner {
  give(study: Transaction['study'], rows: readonly StandingRow[]): Promise<Given>;
}

/** Rows pass the lens one by one; nothing of them is kept. */
export function createLiner(
  desk: RegistryDesk,
  { lens }: Pick<Viewer, 'lens'>,
  plan: ExportPlan,
  members: Members,
): Liner {
  const shower = createShower(lens);
  const part: Part = plan.elements === null ? WHOLE : (elementsFrom(plan.elements) ?? WHOLE);
  const filters = new Map(Object.entries(plan.filters).map(([type, texts]) => [type, clausesOf(desk, type, texts)]));
  const { since, until } = plan;
  const joined = new Set(members.joined);

  /** Whether a row that stands is news, whatever it was before. */
  const isFresh = (row: StandingRow) => since === null || row.lastUpdated > since || joined.has(row.subject);

  /** Name of what stood before, was shown, and is not to be seen any more. */
  async function goneOf(study: Transaction['study'], row: StandingRow, from: string): Promise<string | null> {
    const before = await stood(study, row.type, row.id, from);
    // Who only left the group is still there for the registry.
    if (!before || !members.before(before.subject) || (!row.deleted && !members.now(row.subject))) return null;
    return (await shower.wasShown(study, before)) ? `${row.type}/${lens.registryId(row.type, row.id)}` : null;
  }

  return {
    async give(study, rows) {
      const [lines, gone]: [string[], string[]] = [[], []];
      await shower.meet(study, rows);
      for (const row of rows) {
        if (until !== null && row.lastUpdated > until) continue;
        // Withdrawn since the export began: it is not told any more; the next one tells that it is gone.
        if (row.gone && !row.deleted) continue;
        const shown = row.deleted || !members.now(row.subject) ? null : shower.showMet(row);
        if (shown) {
          if (!fits(filters.get(row.type), shown.resource)) continue;
          if (isFresh(row) || !(await stood(study, row.type, row.id, since!)))
            lines.push(JSON.stringify(partOf(part, shown.resource)));
        } else if (since !== null) {
          const name = await goneOf(study, row, since);
          if (name !== null) gone.push(name);
        }
      }
      return { lines, gone };
    },
  };
}

/** What stood at an instant, if anything did. */
async function stood(study: Transaction['study'], type: string, id: string, at: string): Promise<StandingRow | null> {
  const row = await study.standing(type, id, at);
  return row && !row.deleted ? row : null;
}

function clausesOf(desk: RegistryDesk, type: string, texts: readonly string[]): (readonly Clause[])[] {
  return texts.map((text) => {
    const context = { zone: desk.study.timezone, base: desk.base };
    const query = readQuery(SERVED.get(type)!, new URLSearchParams(text), true, context);
    if ('status' in query) throw new Error('A filter that was taken cannot be read any more.');
    return query.clauses;
  });
}

function fits(filters: readonly (readonly Clause[])[] | undefined, resource: FhirResource): boolean {
  return !filters || filters.some((clauses) => clauses.every((clause) => clause.fits(resource)));
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
