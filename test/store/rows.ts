import type { DroppedRow, MoveRow, RecordRow, SubjectRow, UnmappedRow, VersionRank } from '../../src/store/store.ts';

export function rank(number: number | null, at: string | null = null, hash = 'aa'): VersionRank {
  return { at, number, hash };
}

export function dropped(highest: VersionRank, revision = 1): DroppedRow {
  return { rank: highest, revision };
}

export function record(id: string, given: Partial<RecordRow> = {}): RecordRow {
  return {
    site: 'ya',
    type: 'Observation',
    id,
    person: 'p1',
    rank: rank(1, '2024-01-01T00:00:00.000000000Z'),
    versionId: '1',
    deleted: false,
    body: `{"id":"${id}"}`,
    revision: 1,
    ...given,
  };
}

export function unmapped(id: string, given: Partial<UnmappedRow> = {}): UnmappedRow {
  return {
    site: 'ya',
    type: 'Condition',
    id,
    person: 'p1',
    system: 'https://ya.example.cn/cs/dx',
    code: 'D1',
    text: '脂肪肝',
    alsoCoded: false,
    ...given,
  };
}

export function subject(id: string, version: number, given: Partial<SubjectRow> = {}): SubjectRow {
  return {
    id,
    version,
    lastUpdated: `2024-01-0${version}T00:00:00Z`,
    deleted: false,
    body: `{"id":"${id}","v":${version}}`,
    ...given,
  };
}

export function move(subjectId: string, to: string, given: Partial<MoveRow> = {}): MoveRow {
  return {
    subject: subjectId,
    at: '2024-01-01T00:00:00Z',
    from: null,
    to,
    reason: null,
    cause: 'data',
    studyVersion: '1.0',
    evidence: [],
    ...given,
  };
}
