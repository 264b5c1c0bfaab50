// Runs Jest twice, with the process in two time zones: no answer may depend on where the machine stands.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
for (const zone of ['UTC', 'Asia/Shanghai']) {
  console.log(`\nTZ=${zone}`);
  const done = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules', jest, ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, TZ: zone } },
  );
  if (done.status !== 0) process.exit(done.status ?? 1);
}
