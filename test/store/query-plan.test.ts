import { DatabaseSync } from 'node:sqlite';
import { SQL_CLIENT, SQL_JTI_SWEEP } from '../../src/store/sqlite/client.ts';
import { feedSql } from '../../src/store/sqlite/feed-sql.ts';
import { SQL_LINKS_NAMING, SQL_MENTIONING } from '../../src/store/sqlite/hospital-concern.ts';
import { SQL_DECISIONS_OF } from '../../src/store/sqlite/hospital-decision.ts';
import { SQL_FLAGS_OF, SQL_SHOWN_ALL } from '../../src/store/sqlite/hospital-feed.ts';
import { SQL_LINEAGE_OF } from '../../src/store/sqlite/hospital-lineage.ts';
import { SQL_NOTICE_ADD, SQL_NOTICE_LAST, SQL_NOTICES_AFTER } from '../../src/store/sqlite/hospital-notice.ts';
import { SQL_PENDING_TAKE } from '../../src/store/sqlite/hospital-pending.ts';
import * as purge from '../../src/store/sqlite/hospital-purge.ts';
import { SQL_QUARANTINE_AGED, SQL_QUARANTINE_OPEN } from '../../src/store/sqlite/hospital-quarantine.ts';
import { SQL_PERSONS_AFTER, SQL_RECORD, SQL_RECORDS_OF } from '../../src/store/sqlite/hospital-record.ts';
import { SQL_SUBSCRIBER_CLAIM, SQL_SUBSCRIBERS } from '../../src/store/sqlite/hospital-subscriber.ts';
import { SQL_TOMBSTONE } from '../../src/store/sqlite/hospital-tombstone.ts';
import { SQL_WORK_CLAIM, SQL_WORK_COVERED, SQL_WORK_TWIN } from '../../src/store/sqlite/hospital-work.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { SQL_EXPORTS_EXPIRED, SQL_EXPORTS_WAITING } from '../../src/store/sqlite/study-export.ts';
import { SQL_NUMBER_OF, SQL_NUMBER_TAKE } from '../../src/store/sqlite/study-number.ts';
import {
  SQL_OUTBOX_AGAIN,
  SQL_OUTBOX_ENDED,
  SQL_OUTBOX_NEXT,
  SQL_OUTBOX_OF,
} from '../../src/store/sqlite/study-outbox.ts';
import { SQL_RESEARCH, SQL_RESEARCH_OF } from '../../src/store/sqlite/study-research.ts';
import * as standing from '../../src/store/sqlite/study-standing.ts';
import { SQL_SUBJECTS_AFTER } from '../../src/store/sqlite/study-subject.ts';

function plan(sql: string): string[] {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  return db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => String(row.detail));
}

test('personsAfter seeks in its index alone and sorts nothing', () => {
  expect(plan(SQL_PERSONS_AFTER)).toEqual([
    'SEARCH hospital_record USING COVERING INDEX hospital_record_person ((site,person)>(?,?))',
  ]);
});

test('subjectsAfter goes on where the last page ended', () => {
  expect(plan(SQL_SUBJECTS_AFTER)).toEqual([
    'SEARCH subject USING INDEX sqlite_autoindex_study_subject_1 (id>?)',
    'CORRELATED SCALAR SUBQUERY 1',
    'SEARCH study_subject USING COVERING INDEX sqlite_autoindex_study_subject_1 (id=?)',
  ]);
});

test('recordsOf seeks each person', () => {
  expect(plan(SQL_RECORDS_OF)[0]).toBe(
    'SEARCH hospital_record USING INDEX hospital_record_person (site=? AND person=?)',
  );
});

test('record seeks its key', () => {
  expect(plan(SQL_RECORD)).toEqual([
    'SEARCH hospital_record USING INDEX sqlite_autoindex_hospital_record_1 (site=? AND type=? AND id=?)',
  ]);
});

test('decisionsOf seeks each patient, instead of walking all in the order of sequence', () => {
  expect(plan(SQL_DECISIONS_OF)[0]).toBe(
    'SEARCH hospital_decision USING INDEX hospital_decision_patient (site=? AND patient=?)',
  );
});

test('who is pending is taken in the order of an index', () => {
  expect(plan(SQL_PENDING_TAKE)).toEqual(['SCAN hospital_pending USING INDEX hospital_pending_since']);
});

test('whom a change concerns is sought', () => {
  expect(plan(SQL_LINKS_NAMING).filter((step) => / hospital_link /.test(step))).toEqual([
    'SEARCH hospital_link USING COVERING INDEX hospital_link_patient (site=? AND patient=?)',
    'SEARCH hospital_link USING COVERING INDEX hospital_link_replaced (site=? AND replaced_by=?)',
  ]);
  expect(plan(SQL_MENTIONING).slice(0, 2)).toEqual([
    'SEARCH mention USING COVERING INDEX hospital_mention_reference (site=? AND reference=?)',
    'SEARCH record USING INDEX sqlite_autoindex_hospital_record_1 (site=? AND type=? AND id=?)',
  ]);
});

test('a number is taken by a seek in its group, and found by its subject', () => {
  expect(plan(SQL_NUMBER_TAKE)).toEqual(['SEARCH study_number USING PRIMARY KEY (group_code=?)']);
  expect(plan(SQL_NUMBER_OF)).toEqual(['SEARCH study_number USING INDEX study_number_subject (subject=?)']);
});

test('research resources are found by key and by subject, and come in order', () => {
  expect(plan(SQL_RESEARCH)).toEqual([
    'SEARCH study_research USING INDEX sqlite_autoindex_study_research_1 (type=? AND id=?)',
  ]);
  expect(plan(SQL_RESEARCH_OF)).toEqual([
    'SEARCH resource USING INDEX study_research_subject (subject=?)',
    'CORRELATED SCALAR SUBQUERY 1',
    'SEARCH study_research USING COVERING INDEX sqlite_autoindex_study_research_1 (type=? AND id=?)',
  ]);
});

test('a client and expired jtis are sought', () => {
  expect(plan(SQL_CLIENT)).toEqual(['SEARCH auth_client USING INDEX sqlite_autoindex_auth_client_1 (id=?)']);
  expect(plan(SQL_JTI_SWEEP)).toEqual(['SEARCH auth_jti USING COVERING INDEX auth_jti_expired (expires_at<?)']);
});

test('lineage and tombstones are sought', () => {
  expect(plan(SQL_LINEAGE_OF)).toEqual(['SEARCH hospital_lineage USING INDEX hospital_lineage_subject (subject=?)']);
  expect(plan(SQL_TOMBSTONE)).toEqual(['SEARCH hospital_tombstone USING PRIMARY KEY (site=? AND hash=?)']);
});

test('open rows of the quarantine come in order, and contents whose time is over are sought', () => {
  expect(plan(SQL_QUARANTINE_OPEN)).toEqual(['SCAN hospital_quarantine USING INDEX hospital_quarantine_open']);
  expect(plan(SQL_QUARANTINE_AGED)).toEqual([
    'SEARCH hospital_quarantine USING INDEX hospital_quarantine_content (at<?)',
  ]);
});

describe.each([
  ['ResearchSubject', 'hospital_subject'],
  ['Task', 'hospital_task'],
  ['Flag', 'hospital_flag'],
] as const)('searches of %s', (type, table) => {
  const index = `${table}_updated (site=? AND last_updated>? AND last_updated<?)`;

  test('a page is sought in the index of updates, in its order, and nothing is sorted', () => {
    for (const what of ['rising', 'falling'] as const) {
      const steps = plan(feedSql(type, what, false));
      expect(steps[0]).toBe(`SEARCH ${table} USING INDEX ${index}`);
      expect(steps.join()).not.toContain('ORDER BY');
    }
    expect(plan(feedSql(type, 'count', false))[0]).toMatch(/^SEARCH \w+ USING (COVERING )?INDEX \w+_updated \(site=/);
  });

  test('ids are sought by the key', () => {
    for (const what of ['rising', 'falling', 'count'] as const) {
      const [first] = plan(feedSql(type, what, true));
      expect(first).toMatch(
        new RegExp(`^SEARCH ${table} USING INDEX sqlite_autoindex_${table}_1 \\((id|subject)=\\?\\)`),
      );
    }
  });
});

test('notices, flags and subscribers of a site are sought; no page walks over what was read', () => {
  expect(plan(SQL_NOTICE_ADD)).toEqual(['SEARCH hospital_notice USING PRIMARY KEY (site=?)']);
  expect(plan(SQL_NOTICES_AFTER)).toEqual(['SEARCH hospital_notice USING PRIMARY KEY (site=? AND number>?)']);
  expect(plan(SQL_NOTICE_LAST)).toEqual(['SEARCH hospital_notice USING PRIMARY KEY (site=?)']);
  expect(plan(SQL_FLAGS_OF)).toEqual(['SEARCH hospital_flag USING INDEX hospital_flag_subject (subject=?)']);
  expect(plan(SQL_SHOWN_ALL)[0]).toBe('SEARCH hospital_subject USING INDEX hospital_subject_updated (site=?)');
  expect(plan(SQL_SUBSCRIBERS)).toEqual(['SEARCH hospital_subscriber USING INDEX hospital_subscriber_site (site=?)']);
  expect(plan(SQL_SUBSCRIBER_CLAIM).filter((step) => /hospital_notice|notice /.test(step))).toEqual([
    'SEARCH notice USING PRIMARY KEY (site=? AND number>?)',
  ]);
});

test.each(Object.entries(purge).filter(([name]) => name.startsWith('SQL_')))(
  '%s walks through no table of the hospital',
  (_, sql) => {
    expect(plan(String(sql)).filter((step) => /^SCAN (?!json_each|purged)/.test(step))).toEqual([]);
  },
);

test('work is claimed without sorting what waits, and its like is sought', () => {
  expect(plan(SQL_WORK_CLAIM)).toEqual([
    'SEARCH hospital_work USING INTEGER PRIMARY KEY (rowid=?)',
    'SCALAR SUBQUERY 1',
    'SEARCH hospital_work USING INDEX hospital_work_next (site=?)',
  ]);
  expect(plan(SQL_WORK_TWIN)[0]).toBe(
    'SEARCH hospital_work USING INDEX hospital_work_waiting (site=? AND kind=? AND target=?)',
  );
  expect(plan(SQL_WORK_COVERED)[0]).toBe('SEARCH hospital_work USING INDEX hospital_work_target (site=? AND target=?)');
});

test.each(Object.entries(standing).filter(([name]) => name.startsWith('SQL_')))(
  '%s walks through no table and sorts nothing',
  (_, sql) => {
    const steps = plan(String(sql));
    expect(steps.filter((step) => /^SCAN |TEMP B-TREE/.test(step))).toEqual([]);
    expect(steps.length).toBeGreaterThan(0);
  },
);

test('what changed since is sought in its index', () => {
  expect(plan(standing.SQL_CHANGED_AFTER)[0]).toBe(
    'SEARCH resource USING INDEX study_research_updated (type=? AND (last_updated,id)>(?,?) AND last_updated<?)',
  );
  expect(plan(standing.SQL_STANDING_AFTER)[0]).toBe(
    'SEARCH resource USING INDEX sqlite_autoindex_study_research_1 (type=? AND id>?)',
  );
});

test('exports that wait, or whose time is over, are sought', () => {
  expect(plan(SQL_EXPORTS_WAITING)).toEqual(['SCAN study_export USING INDEX study_export_waiting']);
  expect(plan(SQL_EXPORTS_EXPIRED)).toEqual([
    'SEARCH study_export USING COVERING INDEX study_export_expired (expires_at<?)',
  ]);
});

test('deliveries are claimed in the order of an index, and their like is sought', () => {
  for (const sql of [SQL_OUTBOX_NEXT, SQL_OUTBOX_ENDED, SQL_OUTBOX_AGAIN, SQL_OUTBOX_OF])
    expect(plan(sql).filter((step) => /^SCAN|TEMP B-TREE/.test(step))).toEqual([]);
  expect(plan(SQL_OUTBOX_NEXT)[0]).toBe(
    'SEARCH next USING COVERING INDEX study_outbox_next (target=? AND not_before<?)',
  );
});
