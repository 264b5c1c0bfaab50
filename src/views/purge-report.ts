import Table from 'cli-table3';
import type { PurgeReport } from '../pipeline/purge.ts';

const PLAIN = { head: [], border: [], compact: true };

/** Why people are purged or kept, in words. */
const WORDS: Record<PurgeReport['purged'][number]['reason'] | PurgeReport['kept'][number]['reason'], string> = {
  'counted-only': 'was only counted, no subject',
  declined: 'refused',
  'no-consent': 'never consented',
  unresolved: 'identifier that leads to no one Patient',
  consent: 'a Consent for this study was ever valid, or may have been',
  decision: 'decisions keep the person (enrolled, withdrawn …)',
  'on-study-side': 'a participant number or research record exists',
  'in-time': 'the time is not over',
  undated: 'no date is known: look at the source',
  'consent-unreadable': 'a Consent was deleted or is no longer for this study: look at the source',
  'consent-replaced': 'an earlier version of a Consent may have been valid: look at the source',
  'tied-to-another': 'shares an identifier with somebody who is kept: merge or mend it at the source',
  'guardian-of-another': "somebody else's Consent names a RelatedPerson of theirs: mend it at the source",
  'merge-unscreened': 'a merge came or went since the last screening: screen, then purge again',
};

/** The proof report of a purge as a person reads it. */
export function purgeReportText(report: PurgeReport): string {
  const { study, studyVersion, asOf, at, dryRun, purged, kept, rows, tombstones, tombstoneHash } = report;
  const done = purged.reduce((sum, { count }) => sum + count, 0);
  const lines = [
    `${study} (${studyVersion})`,
    dryRun
      ? `DRY RUN, nothing was deleted. As of ${asOf}, ${done} would be purged.`
      : `Purged as of ${asOf}, at ${at}: ${done}.`,
    section(
      'Purged, by site and reason',
      ['site', 'reason', '', 'count'],
      purged.map(({ site, reason, count }) => [site, reason, WORDS[reason], count]),
    ),
    section(
      'Kept, by site and reason',
      ['site', 'reason', '', 'count'],
      kept.map(({ site, reason, count }) => [site, reason, WORDS[reason], count]),
    ),
    section('Rows deleted (subjects: marked as deleted)', ['rows', 'count'], Object.entries(rows)),
    section(
      'Tombstones',
      ['site', 'before', 'after', 'people seen again'],
      tombstones.map(({ site, before, after, seenAgain }) => [site, before, after, seenAgain]),
    ),
    `\nSHA-256 over the tombstones before: ${tombstoneHash.before}`,
    `SHA-256 over the tombstones after:  ${tombstoneHash.after ?? '– (dry run)'}`,
    '\nNot reached by a purge: files of earlier runs (worklist, quarantine), backups, the feeds themselves.',
  ];
  return `${lines.filter(Boolean).join('\n')}\n`;
}

function section(title: string, head: string[], rows: (string | number)[][]): string {
  if (rows.length === 0) return '';
  const table = new Table({ head, style: PLAIN });
  table.push(...rows);
  return `\n${title}\n${table.toString()}`;
}
