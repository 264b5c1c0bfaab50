import { randomUUID } from 'node:crypto';
import { decide } from '../pipeline/decide.ts';
import { DECISION_KINDS, type Decision, type DecisionKind, ROLES, type Role } from '../study/decision.ts';
import { clockOf } from './clock.ts';
import { CannotStart, EXIT } from './exit.ts';
import { findPerson } from './find.ts';
import { expectStore, namedSite, type OpenOptions, openDefinitions, withGateway } from './open.ts';

export interface DecideOptions extends OpenOptions {
  site?: string | undefined;
  asOf?: string | undefined;
  by: string;
  role: string;
  seen?: string | undefined;
  reason?: string | undefined;
  about?: string | undefined;
  answer?: string | undefined;
  attest?: string | undefined;
  meaning?: string | undefined;
}

/** Signs one decision about one person; prints the state it leads to, or why it is refused. */
export async function decideCommand(kind: string, patient: string, options: DecideOptions): Promise<number> {
  if (!DECISION_KINDS.includes(kind as DecisionKind)) {
    throw new CannotStart(`There is no decision "${kind}": ${DECISION_KINDS.join(', ')}.`);
  }
  if (!ROLES.includes(options.role as Role)) throw new CannotStart(`--role must be one of ${ROLES.join(', ')}.`);
  const definitions = await openDefinitions(options);
  namedSite(definitions, options.site);
  const now = clockOf(options.asOf, definitions.loaded.study.timezone, Date.now());
  await expectStore(options.store);
  return withGateway(definitions, options, async (gateway) => {
    const found = await findPerson(gateway, patient, options.site);
    if (found.length > 1) throw new CannotStart('Several hospitals have that id: say which with --site.');
    const site = gateway.sites.get(found[0]!.site)!;
    const draft: Omit<Decision, 'basis'> = {
      id: randomUUID(),
      kind: kind as DecisionKind,
      at: new Date(now).toISOString(),
      by: { id: options.by, role: options.role as Role },
      meaning: options.meaning ?? kind,
      reason: options.reason ?? null,
      about: options.about ?? null,
      answer: options.answer ?? null,
      attests: options.attest ? options.attest.split(',').map((one) => one.trim()) : [],
      seen: options.seen === undefined ? null : Number(options.seen),
    };
    const decided = await decide(gateway, { site, patient: found[0]!.patient }, draft, now);
    if (!decided.ok) {
      process.stderr.write(`${decided.refusal.code}: ${decided.refusal.message}\n`);
      return EXIT.setAside;
    }
    const { standing, participant, subject } = decided;
    const state = standing.subject
      ? `${standing.status}${standing.reason ? ` (${standing.reason})` : ''}`
      : standing.counted;
    process.stdout.write(`ResearchSubject/${subject}: ${state}${participant ? `, ${participant}` : ''}\n`);
    return EXIT.done;
  });
}
