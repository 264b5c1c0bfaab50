import type { Lens } from '../../release/lens.ts';
import type { ResearchRow } from '../../store/research-rows.ts';
import { elementsFrom, type Part, partOf, WHOLE } from '../part.ts';
import type { Clause } from '../search/clause.ts';
import { readQuery } from '../search/query.ts';
import { showRow } from '../shown.ts';
import { SERVED } from '../types.ts';
import type { ExportPlan } from './plan.ts';

/** A row that stands, of somebody the export tells of. */
export interface Candidate extends Omit<ResearchRow, 'deleted'> {
  site: string | null;
}

/** What a page of rows gives. */
export interface Rendered {
  /** Lines of output in the order of the rows, each with its end. */
  text: string | Uint8Array<ArrayBuffer>;
  lines: number;
  /** Indexes of the rows of which the agreement shows nothing. */
  hidden: number[];
}

/** What lines are made by, beside the lens. */
export interface Rendering extends Pick<ExportPlan, 'filters' | 'elements'> {
  zone: string;
  base: string;
}

/** Rows pass the lens one by one; nothing of them is kept. Pure. */
export function renderBy(lens: Lens, { filters, elements, zone, base }: Rendering) {
  const part: Part = elements === null ? WHOLE : (elementsFrom(elements) ?? WHOLE);
  const clauses = new Map(
    Object.entries(filters).map(([type, texts]) => [type, clausesOf(type, texts, { zone, base })]),
  );
  return (rows: readonly Candidate[]): Rendered & { text: string } => {
    const given = { text: '', lines: 0, hidden: [] as number[] };
    lens.meet(rows);
    for (const [index, row] of rows.entries()) {
      const shown = showRow(lens, row, row.site);
      if (!shown) given.hidden.push(index);
      else if (fits(clauses.get(row.type), shown.resource)) {
        given.text += `${JSON.stringify(partOf(part, shown.resource))}\n`;
        given.lines++;
      }
    }
    return given;
  };
}

function clausesOf(type: string, texts: readonly string[], context: { zone: string; base: string }) {
  return texts.map((text) => {
    const query = readQuery(SERVED.get(type)!, new URLSearchParams(text), true, context);
    if ('status' in query) throw new Error('A filter that was taken cannot be read any more.');
    return query.clauses;
  });
}

function fits(filters: readonly (readonly Clause[])[] | undefined, resource: Parameters<Clause['fits']>[0]): boolean {
  return !filters || filters.some((clauses) => clauses.every((clause) => clause.fits(resource)));
}
