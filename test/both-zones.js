// Runs Jest twice, with the process in two time zones: no answer may depend on where the machine stands. What knows of
// no day – the store, tokens, the service's outside, reading bytes – is run once; so are commands but those that screen.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
const ONCE = [
  '/test/(auth|bench|config|delivery|http|identity|intake|jobs|kept|mappings|operations|privacy|profiles|pull|registry|scan|service|store)/',
  '/test/architecture',
  '/test/pipeline/(atomic|clusters|notices|purge|quarantine|scan|unit)',
  '/test/commands/(?!screen|explain|due|decide|form)',
].join('|');
// What the program keeps from one run to the next serves the tests too (kept.setup.ts): made once, by a first run.
const program = fileURLToPath(new URL('../bin/study-gateway.js', import.meta.url));
const [study, sites] = ['../studies/nct07265544', '../sites'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
spawnSync(process.execPath, [program, 'study', 'check', study, '--sites', sites]);
for (const [zone, ...skipped] of [['UTC'], ['Asia/Shanghai', '--testPathIgnorePatterns', '/node_modules/', ONCE]]) {
  console.log(`\nTZ=${zone}`);
  const done = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--experimental-vm-modules', jest, ...process.argv.slice(2), ...skipped],
    { stdio: 'inherit', env: { ...process.env, TZ: zone } },
  );
  if (done.status !== 0) process.exit(done.status ?? 1);
}
