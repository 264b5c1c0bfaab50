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
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size);`;
  return Number(spawnSync(process.execPath, [...options, '--input-type=module', '-e', program]).stdout);
}

test('the young generation stays small', () => {
  expect(youngAfter("keepHeapSmall('');")).toBe((availableParallelism() === 1 ? 8 : 16) * MIB);
});

test('where somebody has set its size V8 is left alone', () => {
  const option = '--max-semi-space-size=32';
  expect(youngAfter(`keepHeapSmall('${option}');`, [option])).toBeGreaterThan(16 * MIB);
});
