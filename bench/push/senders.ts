import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spread } from '../rounds.ts';
import { startPeer } from './peer.ts';
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
type Kind = keyof typeof PERSONS;

/** Who is sent to: the service, or the bare server. */
interface Receiver {
  url: string;
  headers: () => Promise<Record<string, string>>;
  cpu: () => number;
  drained: () => Promise<void>;
}

interface Round {
  /** Resources a second, until the last was acknowledged and until everybody was screened. */
  acknowledged: number;
  drained: number;
  /** Milliseconds of the receiver's processor for each resource, until acknowledged and with screening. */
  taken: number;
  cpu: number;
}

/** Of one receiver: rounds of one sender, and of many, in the same order. */
interface Rounds {
  one: Round[];
  many: Round[];
}

/**
 * One sender beside several on the same service, by turns: single PUTs, and transactions. The same on a server that does
 * nothing but commit, in the same rounds: what it gains by several senders is what the machine allows.
 * @param quick an eighth of the work, so that chance has a larger part in it
 */
export async function senders(service: BenchService, number: () => number, quick: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-bare-'));
  const peer = await startPeer('bare-process.ts', join(folder, 'store.sqlite'));
  const authorized = async () => ({ authorization: `Bearer ${await service.token()}` });
  const ours: Receiver = { ...service, headers: authorized };
  const bare: Receiver = { ...peer, headers: async () => ({}), drained: async () => {} };
  try {
    for (const kind of Object.keys(PERSONS) as Kind[]) {
      const persons = PERSONS[kind] / (quick ? 8 : 1);
      const people = () => Array.from({ length: persons }, () => keptPerson(number(), RESOURCES[kind]));
      const work = () => (kind === 'puts' ? people().flat().map(put) : people().map(transaction));
      const resources = persons * RESOURCES[kind];
      const [us, them] = await rounds([ours, bare], work, resources);
      console.log(kind === 'puts' ? 'PUT of one resource' : `transactions of ${RESOURCES.transactions} resources`);
      tell(us!, them!);
    }
  } finally {
    peer.child.kill();
    await rm(folder, { recursive: true });
  }
}

async function rounds(receivers: readonly Receiver[], work: () => Sent[], resources: number): Promise<Rounds[]> {
  const all = receivers.map((): Rounds => ({ one: [], many: [] }));
  for (const receiver of receivers)
    for (let round = 0; round < WARM; round++) await run(receiver, work(), MANY, resources);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, receiver] of receivers.entries()) {
      // By turns, and each first as often as the other.
      for (const turn of round % 2 === 0 ? (['one', 'many'] as const) : (['many', 'one'] as const))
        all[at]![turn].push(await run(receiver, work(), turn === 'one' ? 1 : MANY, resources));
    }
  }
  return all;
}

function tell(us: Rounds, bare: Rounds): void {
  const of = (rounds: readonly Round[], what: keyof Round) => rounds.map((round) => round[what]);
  for (const [name, rounds] of [
    ['1 sender ', us.one],
    [`${MANY} senders`, us.many],
  ] as const) {
    const told = `${spread(of(rounds, 'acknowledged'), 0)} resources/s acknowledged, ${spread(of(rounds, 'drained'), 0)} screened`;
    const used = `${spread(of(rounds, 'taken'), 3)} ms of processor each, ${spread(of(rounds, 'cpu'))} with screening`;
    console.log(`  ${name}: ${told}; ${used}`);
  }
  const by = ({ one, many }: Rounds, what: 'acknowledged' | 'drained') =>
    spread(many.map((round, at) => round[what] / one[at]![what]));
  console.log(`  ratio: ${by(us, 'acknowledged')} × acknowledged (target 3), ${by(us, 'drained')} × screened`);
  const each = [bare.one, bare.many].map((rounds) => spread(of(rounds, 'acknowledged'), 0));
  console.log(`  a bare server: ${each.join(' and ')} resources/s, ratio ${by(bare, 'acknowledged')} ×`);
}

async function run(to: Receiver, work: readonly Sent[], many: number, resources: number): Promise<Round> {
  const sender = openSender(to.url, await to.headers());
  const [cpu, begun] = [to.cpu(), performance.now()];
  await sendAll(sender, work, many);
  const [acknowledged, taken] = [performance.now(), to.cpu() - cpu];
  await to.drained();
  const drained = performance.now();
  sender.close();
  return {
    acknowledged: (resources * 1_000) / (acknowledged - begun),
    drained: (resources * 1_000) / (drained - begun),
    taken: taken / resources,
    cpu: (to.cpu() - cpu) / resources,
  };
}
