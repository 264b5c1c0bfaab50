import { parentPort, workerData } from 'node:worker_threads';
import type { Phrase, ScanPlan } from './plan.ts';
import type { FromWorker, ToWorker } from './pool.ts';
import { type Stretch, StretchScanner } from './stretch.ts';

/** A thread that scans one stretch after the other. What codes and texts mean it asks: it knows no study. */
const port = parentPort!;
const answers: ((means: readonly number[]) => void)[] = [];

function ask(phrases: readonly Phrase[]): Promise<readonly number[]> {
  tell({ kind: 'ask', phrases });
  return new Promise((resolve) => answers.push(resolve));
}

const scanner = new StretchScanner(workerData as ScanPlan, ask);
let last: Promise<void> = Promise.resolve();

port.on('message', (message: ToWorker) => {
  if (message.kind === 'means') answers.shift()!(message.means);
  else last = last.then(() => scan(message.stretch));
});

async function scan(stretch: Stretch): Promise<void> {
  try {
    const { from, end, entries } = await scanner.scan(stretch);
    const own = {
      ...entries,
      offset: entries.offset.slice(),
      kind: entries.kind.slice(),
      about: entries.about.slice(),
      id: entries.id.slice(),
    };
    const given = [own.offset.buffer, own.kind.buffer, own.about.buffer, own.id.buffer];
    tell({ kind: 'scanned', scanned: { from, end, entries: own } }, given);
  } catch (error) {
    // The code, by which a fault of the file is told from one of ours, does not pass by itself.
    tell({ kind: 'failed', error, code: (error as { code?: string }).code ?? null });
  }
}

function tell(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
