// Every bench with its quick parameters, one after another: `npm run bench`. Each has a time in which it must end, ten
// minutes together. What they print is put into bench/results.json; one that fails makes the whole fail.

import { inOrder, type Planned } from './plan.ts';
import { RESULTS } from './results.ts';

const PLAN: readonly Planned[] = [
  { name: 'commit', args: [], seconds: 45 },
  { name: 'export', args: ['50000', '3'], seconds: 45 },
  { name: 'map', args: [], seconds: 70 },
  { name: 'push', args: ['--quick'], seconds: 200 },
  // It writes its own figures, under a name of its own.
  { name: 'screen', args: ['--small', '--rounds', '2'], seconds: 240, writes: true },
];

const failed = await inOrder(PLAN, import.meta.dirname, RESULTS);
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}
