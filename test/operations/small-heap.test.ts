import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const MODULE = join(import.meta.dirname, '..', '..', 'src', 'operations', 'small-heap.ts');
const MIB = 1024 * 1024;

/** Bytes of the young generation of a process that has made and dropped a great many objects. */
function youngAfter(prepare: string, options: string[] = []): number {
  const program = `
    import { keepHeapSmall } from ${JSON.stringify(MODULE)};
    import { getHeapSpaceStatistics } from 'node:v8';
    ${prepare}
    let held = [];
    for (let round = 0; round < 300; round++) {
      for (let at = 0; at < 10_000; at++) held.push({ at, list: [at] });
      if (held.length >= 200_000) held = [];
      await new Promise(setImmediate);
    }
    // While a collection ends, pages that are given up still count; after it one half may be given back for a while.
    const sizes = Array.from({ length: 20 }, () => {
      gc({ type: 'minor' });
      return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
    });
    console.log(Math.max(...sizes));`;
  return Number(spawnSync(process.execPath, [...options, '--expose-gc', '--input-type=module', '-e', program]).stdout);
}

test('the young generation stays small', () => {
  expect(youngAfter("keepHeapSmall('');")).toBe((availableParallelism() === 1 ? 8 : 16) * MIB);
});

test('where somebody has set its size V8 is left alone', () => {
  const option = '--max-semi-space-size=32';
  expect(youngAfter(`keepHeapSmall('${option}');`, [option])).toBeGreaterThan(16 * MIB);
});
