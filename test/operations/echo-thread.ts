import { parentPort, workerData } from 'node:worker_threads';
import { answerOn } from '../../src/operations/answering.ts';

/** What is asked of this thread: to wait so long and give back a word, to fail with a code, or to end. */
export type Asked = { wait: number; word: string } | { fail: string } | { end: true };

const told: string[] = [];

answerOn<Asked, string, string>(
  parentPort!,
  async (asked) => {
    if ('end' in asked) process.exit(1);
    if ('fail' in asked) throw Object.assign(new Error('failed'), { code: asked.fail });
    await new Promise((resolve) => setTimeout(resolve, asked.wait));
    return { answer: `${workerData} ${asked.word} ${told.join('')}`.trim() };
  },
  (word) => {
    told.push(word);
    parentPort!.postMessage({ said: `heard ${word}` });
  },
);
