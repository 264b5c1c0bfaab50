import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { linesIn, type Place, textAt } from './shelf-file.ts';

/** Bytes a file may have beyond what the run that writes it has used. */
const MOST_UNUSED = 8 * 1024 * 1024;

/**
 * One file of what was worked out from contents: `<hash of the rest>\n<mark>\n`, then a line for each, `<hash of the
 * content> <JSON>`. A file that is missing, cannot be read, is cut short, altered, or was written under another mark
 * counts as empty; one that cannot be written is not written. Nobody notices but by the time it takes. Memory has where the lines begin only.
 */
export class Shelf {
  readonly #path: string;
  readonly #folder: string;
  readonly #mark: string;
  readonly #used = new Set<string>();
  /** What is new as JSON, the rest by its place. */
  #lines: Map<string, string | Place> | null = null;
  #added = false;

  /** @param mark says what the values depend on beside the contents; one line */
  constructor(folder: string, name: string, mark: string) {
    [this.#folder, this.#path, this.#mark] = [folder, join(folder, `${name}.kept`), mark];
  }

  /** What was kept for a content, made anew at each call; undefined when nothing was. */
  recall(content: string): unknown {
    this.#lines ??= linesIn(this.#path, this.#mark);
    const key = hashOf(content);
    const line = textOf(this.#lines.get(key));
    if (line === undefined) return undefined;
    this.#used.add(key);
    return JSON.parse(line);
  }

  /** Keeps a value for a content, until {@link settle} in memory; not when JSON would give back another one. */
  keep(content: string, value: unknown): void {
    this.#lines ??= linesIn(this.#path, this.#mark);
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
      const text = this.#used.has(key) || unused <= MOST_UNUSED ? textOf(line) : undefined;
      if (text !== undefined) all += `${key} ${text}\n`;
    }
    return all;
  }
}

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

function textOf(line: string | Place | undefined): string | undefined {
  return typeof line === 'object' ? textAt(line) : line;
}
