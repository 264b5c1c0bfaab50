import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/** Bytes a file may have beyond what the run that writes it has used. */
const MOST_UNUSED = 8 * 1024 * 1024;

/**
 * One file of what was worked out from contents: `<hash of the rest>\n<mark>\n`, then a line for each, `<hash of the
 * content> <JSON>`. A file that is missing, cannot be read, is cut short, altered, or was written under another mark
 * counts as empty; one that cannot be written is not written. Nobody notices but by the time it takes.
 */
export class Shelf {
  readonly #path: string;
  readonly #folder: string;
  readonly #mark: string;
  readonly #used = new Set<string>();
  #lines: Map<string, string> | null = null;
  #added = false;

  /** @param mark says what the values depend on beside the contents; one line */
  constructor(folder: string, name: string, mark: string) {
    [this.#folder, this.#path, this.#mark] = [folder, join(folder, `${name}.kept`), mark];
  }

  /** What was kept for a content, made anew at each call; undefined when nothing was. */
  recall(content: string): unknown {
    this.#lines ??= this.#read();
    const key = hashOf(content);
    const line = this.#lines.get(key);
    if (line === undefined) return undefined;
    this.#used.add(key);
    return JSON.parse(line);
  }

  /** Keeps a value for a content, until {@link settle} in memory; not when JSON would give back another one. */
  keep(content: string, value: unknown): void {
    this.#lines ??= this.#read();
    const line = JSON.stringify(value);
    if (line === undefined || !isDeepStrictEqual(JSON.parse(line), value)) return;
    const key = hashOf(content);
    this.#lines.set(key, line);
    this.#used.add(key);
    this.#added = true;
  }

  /** Writes what is new, at once or not at all: whoever reads meanwhile sees the old file. */
  settle(): void {
    if (!this.#added) return;
    this.#added = false;
    const body = Buffer.from(`${this.#mark}\n${this.#worthKeeping()}`, 'utf8');
    const next = `${this.#path}.${randomUUID()}`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(next, Buffer.concat([Buffer.from(`${hashOf(body)}\n`), body]), { mode: 0o600, flag: 'wx' });
      renameSync(next, this.#path);
    } catch {
      removed(next);
    }
  }

  #worthKeeping(): string {
    let [all, unused] = ['', 0];
    for (const [key, line] of this.#lines!) {
      if (!this.#used.has(key)) unused += line.length;
      if (this.#used.has(key) || unused <= MOST_UNUSED) all += `${key} ${line}\n`;
    }
    return all;
  }

  #read(): Map<string, string> {
    let file: Buffer;
    try {
      file = readFileSync(this.#path);
    } catch {
      return new Map();
    }
    const body = file.subarray(file.indexOf(NEWLINE) + 1);
    if (file.subarray(0, file.length - body.length).toString('latin1') !== `${hashOf(body)}\n`) return new Map();
    const [mark, ...lines] = body.toString('utf8').split('\n');
    if (mark !== this.#mark) return new Map();
    return new Map(lines.slice(0, -1).map((line) => [line.slice(0, KEY), line.slice(KEY + 1)]));
  }
}

const NEWLINE = 10;
/** Characters of a hash. */
const KEY = 64;

function removed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Then it is not there.
  }
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
