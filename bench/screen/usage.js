// Loaded before a contestant (`node --import`): when its process ends it tells on descriptor 3 how much processor all its
// threads have used, in milliseconds, and how much memory it had resident at most, in MiB. Not TypeScript: stripping its
// types before the contestant has begun would cost what is measured, up to 40 MiB.
import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const TELL = 3;

if (isMainThread)
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeSync(TELL, JSON.stringify({ cpu: (user + system) / 1_000, rss: peak() }));
  });

/** Where there is no /proc, the operating system's own figure, which may include the process that started this one. */
function peak() {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1_024;
  } catch {
    return process.resourceUsage().maxRSS / 1_024;
  }
}
