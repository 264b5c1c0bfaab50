import type {
  DecisionRow,
  HeldRow,
  LineageRow,
  ResearchRow,
  TaskRow,
  TombstoneRow,
} from '../../src/store/research-rows.ts';

export function decision(id: string, given: Partial<DecisionRow> = {}): DecisionRow {
  return { id, site: 'ya', patient: 'p1', at: '2024-02-01T00:00:00Z', kind: 'suitable', body: '{"a":1}', ...given };
}

export function lineage(research: string, given: Partial<LineageRow> = {}): LineageRow {
  return {
    research,
    subject: 's1',
    site: 'ya',
    source: 'Condition/c1',
    versionId: '1',
    hash: 'aa',
    map: 'https://ncct.example.cn/StructureMap/condition',
    studyVersion: '1.0',
    at: '2024-02-01T00:00:00Z',
    ...given,
  };
}

export function held(source: string, given: Partial<HeldRow> = {}): HeldRow {
  return {
    subject: 's1',
    source,
    reason: 'not-allowed',
    expression: 'Condition.note',
    message: 'Not on the list.',
    ...given,
  };
}

export function task(id: string, given: Partial<TaskRow> = {}): TaskRow {
  return {
    id,
    site: 'ya',
    patient: 'p1',
    subject: 's1',
    open: true,
    version: 1,
    lastUpdated: '2024-02-01T00:00:00Z',
    body: `{"id":"${id}","description":"采血"}`,
    ...given,
  };
}

export function tombstone(hash: string, given: Partial<TombstoneRow> = {}): TombstoneRow {
  return { site: 'ya', hash, at: '2024-08-01T00:00:00Z', reason: 'never-consented', ...given };
}

export function research(id: string, version: number, given: Partial<ResearchRow> = {}): ResearchRow {
  return {
    type: 'Condition',
    id,
    subject: 's1',
    version,
    lastUpdated: `2024-02-0${version}T00:00:00Z`,
    deleted: false,
    body: `{"id":"${id}","v":${version}}`,
    ...given,
  };
}
