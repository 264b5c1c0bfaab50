import { parentPort, workerData } from 'node:worker_threads';
import { lensFrom } from '../../release/lens.ts';
import { rowsOf } from './columns.ts';
import { renderBy } from './render.ts';
import type { FromThread, ThreadData, ToThread } from './renderer.ts';

/** A thread that makes lines of one page after the other. */
const port = parentPort!;
const { lens, rendering } = workerData as ThreadData;
const render = renderBy(lensFrom(lens), rendering);
const encoder = new TextEncoder();

port.on('message', (columns: ToThread) => {
  try {
    const { text, ...rest } = render(rowsOf(columns));
    const bytes = encoder.encode(text);
    port.postMessage({ rendered: { ...rest, text: bytes } } satisfies FromThread, [bytes.buffer]);
  } catch (error) {
    port.postMessage({ error } satisfies FromThread);
  }
});
