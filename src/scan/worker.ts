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
    const { from, end, entries } = await scanner.scan(stretch);
    // Copies: the scanner's own room is used again for the next stretch.
    const [offset, about] = [entries.offset.slice(), entries.about.slice()];
    const [kind, id] = [entries.kind.slice(), entries.id.slice()];
    const transfer = [offset, kind, about, id].map(({ buffer }) => buffer as ArrayBuffer);
    return { answer: { from, end, entries: { ...entries, offset, kind, about, id } }, transfer };
  },
  (means) => answers.shift()!(means),
);
