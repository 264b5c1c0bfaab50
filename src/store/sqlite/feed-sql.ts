import type { FeedType } from '../feed-rows.ts';

/** Where the rows of a type stand and by what they are searched. */
interface Searched {
  table: string;
  id: string;
  columns: string;
  /** What holds of every row that is shown; the index of updates asks the same. */
  live: string;
  /** Search parameter → expression. */
  filters: readonly (readonly [parameter: 'status' | 'code' | 'focus', expression: string])[];
}

const UPDATED = 'last_updated AS lastUpdated';
export const SEARCHED: Readonly<Record<FeedType, Searched>> = {
  ResearchSubject: {
    table: 'hospital_subject',
    id: 'subject',
    columns: `subject, site, version, ${UPDATED}, status, reason, gone`,
    live: 'gone = 0',
    filters: [['status', 'status']],
  },
  Task: {
    table: 'hospital_task',
    id: 'id',
    columns: `id, site, patient, subject, open, version, ${UPDATED}, body`,
    live: 'true',
    filters: [
      ['status', "json_extract(body, '$.status')"],
      ['code', "json_extract(body, '$.code.coding[0].code')"],
      ['focus', "json_extract(body, '$.focus.reference')"],
    ],
  },
  Flag: {
    table: 'hospital_flag',
    id: 'id',
    columns: `id, site, subject, flag, version, ${UPDATED}, gone`,
    live: 'gone = 0',
    filters: [],
  },
};

/** In this order, ?1 and on: site, from, until, ids, then the filters of the type, then cursor instant, cursor id, limit. */
const FILTERS_FROM = 5;

/**
 * The statement of a search. By ids it seeks the key; else it walks the index of updates, in its order.
 * @param byId whether ids are given
 */
export function feedSql(type: FeedType, what: 'rising' | 'falling' | 'count', byId: boolean): string {
  const { table, id, columns, live, filters } = SEARCHED[type];
  // A plus keeps a term out of the choice of an index.
  const by = byId ? '+' : '';
  const terms = [
    `${by}site = ?1 AND ${live} AND ${by}last_updated >= ?2 AND ${by}last_updated < ?3`,
    byId ? `${id} IN (SELECT value FROM json_each(?4))` : '?4 IS NULL',
    ...filters.map(([, expression], index) => {
      const given = `?${FILTERS_FROM + index}`;
      return `(${given} IS NULL OR ${expression} IN (SELECT value FROM json_each(${given})))`;
    }),
  ];
  const where = `FROM ${table} WHERE ${terms.join(' AND ')}`;
  if (what === 'count') return `SELECT count(*) AS count ${where}`;
  const next = FILTERS_FROM + filters.length;
  const cursor = `(last_updated, ${id}) ${what === 'rising' ? '>' : '<'} (?${next}, ?${next + 1})`;
  const way = what === 'rising' ? '' : ' DESC';
  return `SELECT ${columns} ${where} AND ${cursor} ORDER BY last_updated${way}, ${id}${way} LIMIT ?${next + 2}`;
}
