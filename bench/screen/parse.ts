// Reads every file of a folder in chunks of 1 MiB, cuts it at newlines, and parses each line: nothing is kept. What the
// screening of a feed is measured against. `node parse.ts FOLDER` prints how many lines there were.
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = 1 << 20;
const NEWLINE = 10;

const folder = process.argv[2]!;
let lines = 0;
for (const name of readdirSync(folder).sort()) lines += parseFile(join(folder, name));
console.log(JSON.stringify({ lines }));

function parseFile(path: string): number {
  const file = openSync(path, 'r');
  let buffer = Buffer.allocUnsafe(CHUNK);
  let [kept, count] = [0, 0];
  for (;;) {
    // A line longer than the buffer.
    if (kept === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const read = readSync(file, buffer, kept, buffer.length - kept, null);
    const end = kept + read;
    let from = 0;
    for (let at = buffer.indexOf(NEWLINE); at >= 0 && at < end; at = buffer.indexOf(NEWLINE, from)) {
      if (at > from) count += parsed(buffer.toString('utf8', from, at));
      from = at + 1;
    }
    if (read === 0) {
      if (end > from) count += parsed(buffer.toString('utf8', from, end));
      break;
    }
    buffer.copyWithin(0, from, end);
    kept = end - from;
  }
  closeSync(file);
  return count;
}

function parsed(line: string): number {
  return JSON.parse(line) === null ? 0 : 1;
}
