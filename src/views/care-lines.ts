import type { r4 } from '../fhir/resource.ts';
import { INITIALS } from '../identity/initials.ts';
import type { Care } from '../pipeline/care.ts';
import type { Duty } from '../pipeline/duties.ts';
import type { Words } from '../study/model.ts';

/** Demographics of the vault (protocol, "Demographic Data Recording"); hospital side only. */
export function demographicsLine(patient: r4.Patient | null): string[] {
  if (!patient) return [];
  const initials = patient.extension?.find(({ url }) => url === INITIALS)?.valueString;
  return [
    `  initials ${initials ?? 'unknown'}, born ${patient.birthDate ?? 'unknown'}, ${patient.gender ?? 'sex unknown'}`,
  ];
}

/** Specimens and adverse events with all that is to be said of them, and what is to be done. */
export function careLines({ specimens, events }: Care, duties: readonly Duty[]): string[] {
  const open = duties.filter(({ state }) => state === 'open');
  return [
    ...section('Specimens:', [...specimens.values()].map(specimenLine)),
    ...section('Adverse events:', [...events.values()].map(eventLine)),
    ...section(
      'To do:',
      open.map((duty) => {
        const { zh, en } = duty.words;
        const due = duty.dueAt === null ? '' : `, due ${new Date(duty.dueAt).toISOString()}`;
        return `${en} ${zh}: ${duty.focus}${due}${duty.codes.length > 0 ? ` (${duty.codes.join(', ')})` : ''}`;
      }),
    ),
  ];
}

type Specimen = Care['specimens'] extends ReadonlyMap<string, infer One> ? One : never;
type Event = Care['events'] extends ReadonlyMap<string, infer One> ? One : never;

function specimenLine({ specimen, kind, kit, deviations, holds, asks }: Specimen): string {
  const said = [
    ...deviations.map(
      ({ code, words, accepted }) => `deviation ${code}${accepted ? ' (accepted)' : ''}: ${both(words)}`,
    ),
    ...holds.map(({ code, words }) => `hold ${code}: ${both(words)}`),
    ...asks.map(({ code, words }) => `${code}: ${both(words)}`),
  ];
  return `${specimen} ${kind}${kit ? `, kit ${kit}` : ''}${said.length > 0 ? `; ${said.join('; ')}` : ''}`;
}

function eventLine({ event, counts, serious, criteria, conflict, expected, inWindow, suspect, asks }: Event): string {
  const said = [
    counts
      ? serious
        ? `SERIOUS${criteria.length > 0 ? ` (${criteria.join(', ')})` : ''}`
        : 'not serious'
      : 'does not count',
    expected ? 'expected' : 'not on the list of expected events',
    ...(inWindow === false ? ['outside the time in which events are recorded'] : []),
    ...(suspect ? [`suspected: ${suspect}`] : []),
    ...(conflict ? ['the source says otherwise'] : []),
    ...asks.map(({ code, words }) => `${code}: ${both(words)}`),
  ];
  return `${event} ${said.join('; ')}`;
}

const both = ({ en, zh }: Words) => `${en} ${zh}`;

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
