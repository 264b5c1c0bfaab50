import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../../test/feed/random.ts';
import { keptPerson, transaction } from './people.ts';
import { openSender, sendAll } from './sender.ts';
import type { BenchService } from './service.ts';

const RESOURCES = 10;
/** Persons sent to find the full load, and for how long half of it is sent. */
const FULL = 300;
const SECONDS = 12;

/**
 * From the moment a person is due to be sent (one transaction) until their ResearchSubject is there for others to
 * read: at half of what the service can do, the persons coming at random, whether those before were answered or not.
 */
export async function latency(service: BenchService, number: () => number): Promise<void> {
  const sender = openSender(service.url, { authorization: `Bearer ${await service.token()}` });
  const person = () => {
    const resources = keptPerson(number(), RESOURCES);
    return { id: resources[0]!.id!, sent: transaction(resources) };
  };
  const all = Array.from({ length: FULL }, person);
  const begun = performance.now();
  await sendAll(
    sender,
    all.map(({ sent }) => sent),
    8,
  );
  await service.drained();
  const full = (FULL * 1_000) / (performance.now() - begun);

  const random = seededRandom('latency');
  const count = Math.floor((full / 2) * SECONDS);
  let at = 0;
  const due = Array.from({ length: count }, () => {
    at += (-Math.log(1 - random.next()) * 1_000) / (full / 2);
    return { ...person(), at };
  });
  const watched = watch(service);
  const start = performance.now();
  const answered: number[] = [];
  const answers: Promise<void>[] = [];
  for (const one of due) {
    const wait = start + one.at - performance.now();
    if (wait > 0) await setTimeout(wait);
    answers.push(sender.send(one.sent).then(() => void answered.push(performance.now() - start - one.at)));
  }
  await Promise.all(answers);
  const seen = await watched.until(due.map(({ id }) => id));
  const waited = due.map(({ id, at }) => seen.get(id)! - start - at);
  sender.close();
  console.log(`full load: ${full.toFixed(0)} persons of ${RESOURCES} resources a second, screened`);
  console.log(`at half of it (${count} persons in ${SECONDS} s, Poisson), ms, p50 and p99:`);
  console.log(`  request to acknowledgement:             ${percentiles(answered)}`);
  console.log(`  request to written ResearchSubject:     ${percentiles(waited)}`);
}

function percentiles(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(0);
  return `${at(0.5)} and ${at(0.99)} (most ${sorted.at(-1)!.toFixed(0)})`;
}

/** When the first ResearchSubject of each patient could be read beside the service: looked at every 2 ms. */
function watch({ read }: BenchService) {
  const next = read.prepare(`
    SELECT sequence, patient FROM hospital_pseudonym WHERE sequence > ? ORDER BY sequence`);
  const newest = read.prepare('SELECT coalesce(max(sequence), 0) AS last FROM hospital_pseudonym');
  let { last } = newest.get() as { last: number };
  const seen = new Map<string, number>();
  let watching = true;
  const running = (async () => {
    while (watching) {
      for (const { sequence, patient } of next.all(last) as { sequence: number; patient: string }[]) {
        seen.set(patient, performance.now());
        last = sequence;
      }
      await setTimeout(2);
    }
  })();
  return {
    async until(patients: readonly string[]): Promise<ReadonlyMap<string, number>> {
      while (!patients.every((patient) => seen.has(patient))) await setTimeout(5);
      watching = false;
      await running;
      return seen;
    },
  };
}
