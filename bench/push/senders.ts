import { spread } from '../rounds.ts';
import { keptPerson, put, transaction } from './people.ts';
import { openSender, type Sent, sendAll } from './sender.ts';
import type { BenchService } from './service.ts';

const ROUNDS = 5;
/** Rounds before them: a program just begun is compiled while it runs, and a thread for large Bundles loads first. */
const WARM = 3;
const MANY = 8;
/**
 * Persons of a round; their resources are sent one by one, or 50 of each in one transaction. So many that a round takes
 * about a second: in less, chance is most of it, and after two screening takes turns with what is sent.
 */
const PERSONS = { puts: 80, transactions: 120 };
const RESOURCES = { puts: 10, transactions: 50 };

interface Round {
  /** Resources a second, until the last was acknowledged and until everybody was screened. */
  acknowledged: number;
  drained: number;
  /** Milliseconds of the service's processor for each resource, until acknowledged and with screening. */
  taken: number;
  cpu: number;
}

/**
 * One sender beside several on the same service, by turns: single PUTs, and transactions.
 * @param quick an eighth of the work, so that chance has a larger part in it
 */
export async function senders(service: BenchService, number: () => number, quick: boolean): Promise<void> {
  const works: Record<keyof typeof PERSONS, () => Sent[]> = {
    puts: () => people('puts').flat().map(put),
    transactions: () => people('transactions').map(transaction),
  };
  const persons = (kind: keyof typeof PERSONS) => PERSONS[kind] / (quick ? 8 : 1);
  function people(kind: keyof typeof PERSONS) {
    return Array.from({ length: persons(kind) }, () => keptPerson(number(), RESOURCES[kind]));
  }
  for (const [kind, work] of Object.entries(works)) {
    const resources = persons(kind as keyof typeof PERSONS) * RESOURCES[kind as keyof typeof PERSONS];
    for (let round = 0; round < WARM; round++) await run(service, work(), MANY, resources);
    const [one, many]: [Round[], Round[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      // By turns, and each first as often as the other.
      for (const turn of round % 2 === 0 ? [one, many] : [many, one])
        turn.push(await run(service, work(), turn === one ? 1 : MANY, resources));
    }
    console.log(kind === 'puts' ? 'PUT of one resource' : `transactions of ${RESOURCES.transactions} resources`);
    for (const [name, rounds] of [
      ['1 sender ', one],
      [`${MANY} senders`, many],
    ] as const) {
      const of = (what: keyof Round) => rounds.map((round) => round[what]);
      const told = `${spread(of('acknowledged'), 0)} resources/s acknowledged, ${spread(of('drained'), 0)} screened`;
      console.log(
        `  ${name}: ${told}; ${spread(of('taken'), 3)} ms of processor each, ${spread(of('cpu'))} with screening`,
      );
    }
    const by = (what: 'acknowledged' | 'drained') => many.map((round, at) => round[what] / one[at]![what]);
    console.log(
      `  ratio: ${spread(by('acknowledged'))} × acknowledged (target 3), ${spread(by('drained'))} × screened`,
    );
  }
}

async function run(service: BenchService, work: readonly Sent[], many: number, resources: number): Promise<Round> {
  const sender = openSender(service.url, { authorization: `Bearer ${await service.token()}` });
  const [cpu, begun] = [service.cpu(), performance.now()];
  await sendAll(sender, work, many);
  const [acknowledged, taken] = [performance.now(), service.cpu() - cpu];
  await service.drained();
  const drained = performance.now();
  sender.close();
  return {
    acknowledged: (resources * 1_000) / (acknowledged - begun),
    drained: (resources * 1_000) / (drained - begun),
    taken: taken / resources,
    cpu: (service.cpu() - cpu) / resources,
  };
}
