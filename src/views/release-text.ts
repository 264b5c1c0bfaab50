import type { Prospect } from '../pipeline/release.ts';
import type { ExclusionCount } from '../pipeline/release-draft.ts';
import type { PersonDiff } from '../release/diff.ts';
import type { ReleasedRow, ReleaseRow } from '../store/release-rows.ts';

/** What a release would hold and what it leaves out, every reason with its counts; for the study side, not a registry. */
export function prospectText({ draft, last, diff }: Prospect): string {
  const types = new Map<string, number>();
  for (const { resourceType } of draft.people.flatMap(({ resources }) => resources))
    types.set(resourceType, (types.get(resourceType) ?? 0) + 1);
  const held = [...types].sort().map(([type, count]) => `  ${type}: ${count}`);
  return [
    `people: ${draft.people.length} of ${draft.subjects} subjects`,
    ...held,
    `people left out: ${draft.subjects - draft.people.length}`,
    ...draft.peopleLeft.map((one) => `  ${named(one)}: ${one.people}`),
    'left out of those who are in it:',
    ...draft.itemsLeft.map((one) => `  ${named(one)}: ${one.items} (${one.people} people)`),
    last ? `since release ${last.number}: ${diff.length} people changed` : 'this would be the first release',
    '',
  ].join('\n');
}

function named({ reason, about }: ExclusionCount): string {
  return about ? `${reason} ${about}` : reason;
}

/** What changed since the last release: a row for each person. */
export function diffText({ last, diff }: Pick<Prospect, 'last' | 'diff'>): string {
  const since = last ? `since release ${last.number} of ${last.at}` : 'there is no release yet';
  return `${diff.map(diffRow).join('')}${diff.length} people changed; ${since}\n`;
}

function diffRow({ subject, participant, causes, added, altered, removed }: PersonDiff): string {
  const who = participant ?? `ResearchSubject/${subject}`;
  return `${[who, causes.join('+'), `+${added}`, `~${altered}`, `-${removed}`].join('\t')}\n`;
}

/** A row for each release; with those people of it who have withdrawn since. */
export function releaseLines(
  rows: readonly (ReleaseRow & { pushed: readonly string[]; withdrawn: readonly string[] })[],
): string {
  const lines = rows.map((row) => {
    const posted = row.pushed.at(-1);
    const withdrawn =
      row.withdrawn.length > 0 ? `holds withdrawn: ${row.withdrawn.join(' ')}` : 'nobody withdrew since';
    return `${[row.registry, row.number, row.agreement, row.at, row.contentHash.slice(0, 12), posted ? `posted ${posted}` : 'not posted', withdrawn].join('\t')}\n`;
  });
  return `${lines.join('')}${rows.length} releases\n`;
}

/** The releases that held somebody. */
export function heldByText(rows: readonly ReleasedRow[]): string {
  const lines = rows.map(({ registry, number, participant, subject, resources }) => {
    const count = Object.keys(JSON.parse(resources)).length;
    return `${[registry, number, participant ?? `ResearchSubject/${subject}`, `${count} resources`].join('\t')}\n`;
  });
  return `${lines.join('')}${rows.length} releases\n`;
}
