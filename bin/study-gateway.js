#!/usr/bin/env node
// The program is TypeScript that Node 24 runs as it is. An older Node hands over to the one npm installed beside it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  // What Node made of the sources is kept, and what we made of the definitions: a command starts seconds sooner. Where
  // nothing can be written it is not; the folders may be deleted at any time.
  const cache = (name) => fileURLToPath(new URL(`../node_modules/.cache/${name}`, import.meta.url));
  module.enableCompileCache?.(cache('compiled'));
  if (process.argv[2] !== 'serve') {
    const { keepHeapSmall } = await import('../src/operations/small-heap.ts');
    keepHeapSmall(`${process.execArgv} ${process.env.NODE_OPTIONS ?? ''}`);
  }
  const { keepIn } = await import('../src/kept/kept.ts');
  keepIn(cache('kept'));
  await import('../src/main.ts');
} else {
  const own = ['../node_modules/node/bin/node', '../node_modules/node/bin/node.exe']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (!own) {
    console.error(
      `Node ${NEEDED} or newer is needed: this is ${process.versions.node}. Run "npm ci" in the clone, or install Node ${NEEDED}.`,
    );
    process.exitCode = 2;
  } else {
    const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
    // The service ends by itself once what was begun is finished; this process waits for it.
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code) => {
      process.exitCode = code ?? 3;
    });
  }
}
