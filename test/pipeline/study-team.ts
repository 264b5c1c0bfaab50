import { type Decided, decide } from '../../src/pipeline/decide.ts';
import type { Gateway } from '../../src/pipeline/gateway.ts';
import type { Decision, DecisionKind } from '../../src/study/decision.ts';
import { NOW } from './gateway.ts';

/** A study team that decides on what it sees: the version of the ResearchSubject as it stands, unless said. */
export function studyTeam(gateway: Gateway) {
  let signed = 0;
  return async function decides(
    kind: DecisionKind,
    patient: string,
    more: Partial<Omit<Decision, 'kind'>> & { clock?: number } = {},
  ): Promise<Decided> {
    const [, id] = patient.split('/');
    const site = gateway.sites.get(id!.slice(0, 2))!;
    const { clock = NOW + signed * 60_000, ...given } = more;
    signed++;
    const draft = {
      id: `decision-${signed}`,
      kind,
      at: new Date(clock).toISOString(),
      by: { id: 'dr.li', role: 'investigator' as const },
      meaning: kind,
      reason: null,
      about: null,
      answer: null,
      attests: [],
      seen: await versionOf(gateway, site.id, id!),
      ...given,
    };
    return decide(gateway, { site, patient: id! }, draft, clock);
  };
}

/** versionId of somebody's ResearchSubject; null before there is one. */
async function versionOf(gateway: Gateway, site: string, patient: string): Promise<number | null> {
  return gateway.store.withTransaction(async (tx) => {
    const row = (await tx.hospital.enrolments()).find((one) => one.site === site && one.patient === patient);
    return row ? ((await tx.study.subject(row.subject))?.version ?? null) : null;
  });
}

/** What came of a decision, in one line. */
export function outcome(decided: Decided): string {
  if (!decided.ok) return decided.refusal.code;
  const { standing, participant } = decided;
  const state = standing.subject
    ? `${standing.status}${standing.reason ? ` (${standing.reason})` : ''}`
    : standing.counted;
  return participant ? `${state} ${participant}` : state;
}
