import { parentPort, workerData } from 'node:worker_threads';
import { answerOn } from '../../operations/answering.ts';
import { lensFrom } from '../../release/lens.ts';
import { type Columns, rowsOf } from './columns.ts';
import { type Rendered, renderBy } from './render.ts';
import type { ThreadData } from './renderer.ts';

/** A thread that makes lines of one page after the other. */
const { lens, rendering } = workerData as ThreadData;
const render = renderBy(lensFrom(lens), rendering);
const encoder = new TextEncoder();

answerOn<Columns, Rendered>(parentPort!, (columns) => {
  const { text, ...rest } = render(rowsOf(columns));
  const bytes = encoder.encode(text);
  return { answer: { ...rest, text: bytes }, transfer: [bytes.buffer] };
});
