import { parentPort, workerData } from 'node:worker_threads';
import { answerOn } from '../operations/answering.ts';
import type { FromThread } from '../operations/asked-thread.ts';
import type { Phrase, ScanPlan } from './plan.ts';
import type { Said, Told } from './pool.ts';
import { type Scanned, type Stretch, StretchScanner } from './stretch.ts';

/** A thread that scans one stretch after the other. What codes and texts mean it asks: it knows no study. */
const port = parentPort!;
const answers: ((means: Told) => void)[] = [];

function ask(phrases: readonly Phrase[]): Promise<Told> {
  port.postMessage({ said: phrases } satisfies FromThread<Scanned, Said>);
  return new Promise((resolve) => answers.push(resolve));
}

const scanner = new StretchScanner(workerData as ScanPlan, ask);

answerOn<Stretch, Scanned, Told>(
  port,
  async (stretch) => {
    const scanned = await scanner.scan(stretch);
    const { offset, kind, about, id } = scanned.entries;
    return { answer: scanned, transfer: [offset, kind, about, id].map(({ buffer }) => buffer as ArrayBuffer) };
  },
  (means) => answers.shift()!(means),
);
