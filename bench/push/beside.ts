import { spread } from '../rounds.ts';
import { type Peer, startPeer } from './peer.ts';
import { keptPerson, posted, transaction, unneeded } from './people.ts';
import { openSender, type Sent, sendAll } from './sender.ts';
import type { BenchService } from './service.ts';
import { type BundleText, bundlesIn, otherPeople } from './synthea.ts';

const ROUNDS = 5;
/** Rounds of both before them: a program just begun is compiled while it runs, and a thread for large Bundles loads first. */
const WARM = 3;
const SENDERS = 4;
/** So many that a round takes about a second or more. */
const COPIES = 8;
const KEPT = { persons: 96, resources: 50 };

/** Transactions with the resources in them. */
interface Work {
  sent: Sent[];
  resources: number;
}

/** Milliseconds a resource. */
interface Round {
  acknowledged: number;
  drained: number;
  cpu: number;
}

/**
 * The service beside FhirRouter, the same transactions to both by turns, resource for resource.
 * @param quick an eighth of the work, so that chance has a larger part in it
 */
export async function beside(
  service: BenchService,
  number: () => number,
  synthea: string,
  quick: boolean,
): Promise<void> {
  const peer = await startPeer('peer-process.ts');
  try {
    const copies = quick ? 1 : COPIES;
    const raw = bundlesIn(synthea);
    if (raw.length === 0) console.log(`No Synthea bundles in ${synthea}: made-up ones stand in.`);
    const kinds: [name: string, target: number, () => Work][] = [
      [raw.length > 0 ? 'raw Synthea' : 'bundles of which little is kept', 5, () => rawWork(raw, number, copies)],
      ['bundles of which everything is kept', 3, () => keptWork(number, KEPT.persons / (quick ? 8 : 1))],
    ];
    for (const [name, target, work] of kinds) await compare(service, peer, name, target, work);
  } finally {
    peer.child.kill();
  }
}

async function compare(
  service: BenchService,
  peer: Peer,
  name: string,
  target: number,
  work: () => Work,
): Promise<void> {
  const ours = async (round: Work) =>
    run(service.url, { authorization: `Bearer ${await service.token()}` }, round, service.cpu, service.drained);
  const theirs = (round: Work) => run(peer.url, {}, atRoot(round), peer.cpu, () => Promise.resolve());
  const [us, them]: [Round[], Round[]] = [[], []];
  for (let round = -WARM; round < ROUNDS; round++) {
    const given = work();
    const [first, second] = round % 2 === 0 ? [ours, theirs] : [theirs, ours];
    const [a, b] = [await first(given), await second(given)];
    if (round < 0) continue;
    us.push(first === ours ? a : b);
    them.push(first === ours ? b : a);
  }
  const of = (rounds: readonly Round[], what: keyof Round) =>
    spread(
      rounds.map((round) => round[what]),
      3,
    );
  const by = (what: keyof Round) =>
    spread(us.map((round, at) => them[at]![what === 'cpu' ? 'cpu' : 'acknowledged'] / round[what]));
  console.log(`${name}, ${SENDERS} senders, ms a resource`);
  console.log(
    `  the service: ${of(us, 'acknowledged')} acknowledged and durable, ${of(us, 'drained')} screened; ${of(us, 'cpu')} of processor`,
  );
  console.log(`  FhirRouter:  ${of(them, 'acknowledged')} acknowledged, in memory; ${of(them, 'cpu')} of processor`);
  console.log(
    `  ratio: ${by('acknowledged')} × acknowledged (target ${target}), ${by('drained')} × screened, ${by('cpu')} × processor`,
  );
}

async function run(
  url: string,
  headers: Record<string, string>,
  { sent, resources }: Work,
  cpu: () => number,
  settled: () => Promise<void>,
): Promise<Round> {
  const sender = openSender(url, headers);
  const [used, begun] = [cpu(), performance.now()];
  await sendAll(sender, sent, SENDERS);
  const acknowledged = performance.now();
  await settled();
  const drained = performance.now();
  sender.close();
  const each = (milliseconds: number) => milliseconds / resources;
  return { acknowledged: each(acknowledged - begun), drained: each(drained - begun), cpu: each(cpu() - used) };
}

const atRoot = ({ sent, resources }: Work): Work => ({ sent: sent.map((one) => ({ ...one, path: '/' })), resources });

function rawWork(raw: readonly BundleText[], number: () => number, copies: number): Work {
  if (raw.length === 0) {
    const people = Array.from({ length: 4 * copies }).map(() => [
      keptPerson(number(), 1)[0]!,
      ...unneeded(number(), 249),
    ]);
    return { sent: people.map(transaction), resources: people.flat().length };
  }
  const bundles = Array.from({ length: copies }).flatMap(() => raw.map((bundle) => otherPeople(bundle, number())));
  return {
    sent: bundles.map(({ text }) => posted(text)),
    resources: bundles.reduce((sum, one) => sum + one.entries, 0),
  };
}

function keptWork(number: () => number, persons: number): Work {
  const people = Array.from({ length: persons }, () => keptPerson(number(), KEPT.resources));
  return { sent: people.map(transaction), resources: people.flat().length };
}
