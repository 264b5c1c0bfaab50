import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { StudyFault } from './fault.ts';

/** One parsed YAML or JSON file, still knowing its lines. */
export interface SourceFile {
  file: string;
  value: unknown;
  /** The line of an element, or of the nearest one above it that is there. */
  lineOf(path: readonly (string | number)[]): number | null;
}

/** Reads every `.yaml`, `.yml` and `.json` file below a folder, in name order. JSON is read as YAML, which includes it. */
export async function readSources(root: string): Promise<{ files: SourceFile[]; faults: StudyFault[] }> {
  const files: SourceFile[] = [];
  const faults: StudyFault[] = [];
  const names = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  for (const name of names) {
    const parsed = parseSource(name, await readFile(join(root, name), 'utf8'));
    files.push(parsed.file);
    faults.push(...parsed.faults);
  }
  return { files, faults };
}

/** Parses one file; syntax errors and number-like codes without quotes are faults. */
export function parseSource(file: string, text: string): { file: SourceFile; faults: StudyFault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults: StudyFault[] = document.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    path: '',
    message: `YAML: ${error.message}`,
  }));
  visit(document, {
    Pair(_key, pair, ancestors) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      const value = pair.value;
      if (!/^(code|version|local|valueCode|valueString)$/.test(key) || !isScalar(value)) return;
      if (typeof value.value === 'string' || value.value === null) return;
      faults.push({
        file,
        line: value.range ? lines.linePos(value.range[0]).line : null,
        path: pathOf(ancestors, key),
        message: `${key} must be text: put it in quotes, or ${String(value.source ?? value.value)} is read as a ${typeof value.value} (and 50.10 becomes 50.1).`,
      });
    },
  });
  function lineOf(path: readonly (string | number)[]): number | null {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return null;
  }
  return { file: { file, value: document.errors.length > 0 ? null : document.toJS(), lineOf }, faults };
}

/** `["characteristic", 3, "code"]` → `characteristic[3].code` */
export function pathText(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** Reads `characteristic[3].code` back into its steps. */
export function pathSteps(path: string): (string | number)[] {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map((match) =>
    match[2] === undefined ? match[1]! : Number(match[2]),
  );
}

function pathOf(ancestors: readonly unknown[], key: string): string {
  const steps: (string | number)[] = [];
  for (let index = 0; index < ancestors.length; index++) {
    const parent = ancestors[index] as { items?: unknown[] };
    const child = ancestors[index + 1];
    if (isPair(parent) && isScalar(parent.key)) steps.push(String(parent.key.value));
    else if (Array.isArray(parent?.items) && child && !isPair(child)) {
      const position = parent.items.indexOf(child);
      if (position >= 0) steps.push(position);
    }
  }
  return pathText([...steps, key]);
}

/** A fault of the terminology with the line of its place. */
export function located(
  fault: { source: string; path: string; message: string },
  sources: readonly SourceFile[],
): StudyFault {
  const source = sources.find((one) => one.file === fault.source);
  return {
    file: fault.source,
    line: source?.lineOf(pathSteps(fault.path)) ?? null,
    path: fault.path,
    message: fault.message,
  };
}
