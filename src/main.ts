import { run } from './cli.ts';
import { keepHeapSmall } from './operations/small-heap.ts';

const args = process.argv.slice(2);
if (args[0] !== 'serve') keepHeapSmall();
// A reader that has seen enough (head, less) closes the pipe: no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.exitCode = await run(args);
