#!/usr/bin/env node
// The program is TypeScript that Node 24 runs as it is. An older Node hands over to the one npm installed beside it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const own = fileURLToPath(import.meta.url);
const args = process.argv.slice(2);
// A command gives back what it no longer needs instead of growing with the machine: a smaller young generation, the old
// one collected when it has grown by half, and few arenas of the C library, which keep what they once had. The service
// has the memory that Node gives it. Who sets the size of a semi-space has it that way.
const frugal = args[0] !== 'serve' && !/--max.semi.space.size/.test(`${process.execArgv} ${process.env.NODE_OPTIONS}`);
const options = frugal ? ['--max-semi-space-size=8', '--heap-growing-percent=50'] : [];
const env = frugal ? { MALLOC_ARENA_MAX: '2', ...process.env } : process.env;

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  if (frugal) begunAnew();
  // What Node made of the sources is kept, and what we made of the definitions: a command starts seconds sooner. Where
  // nothing can be written it is not; the folders may be deleted at any time.
  const cache = (name) => fileURLToPath(new URL(`../node_modules/.cache/${name}`, import.meta.url));
  module.enableCompileCache?.(cache('compiled'));
  const { keepIn } = await import('../src/kept/kept.ts');
  keepIn(cache('kept'));
  await import('../src/main.ts');
} else {
  const node = ['../node_modules/node/bin/node', '../node_modules/node/bin/node.exe']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (!node) {
    console.error(
      `Node ${NEEDED} or newer is needed: this is ${process.versions.node}. Run "npm ci" in the clone, or install Node ${NEEDED}.`,
    );
    process.exitCode = 2;
  } else {
    const child = spawn(node, [...options, own, ...args], { stdio: 'inherit', env });
    // The service ends by itself once what was begun is finished; this process waits for it.
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code) => {
      process.exitCode = code ?? 3;
    });
  }
}

/** The same process, with the options, which Node takes only at its beginning. Where it cannot be, it goes on as it is. */
function begunAnew() {
  try {
    process.execve(process.execPath, [process.execPath, ...process.execArgv, ...options, own, ...args], env);
  } catch {
    // Windows, or a process that may start no others.
  }
}
