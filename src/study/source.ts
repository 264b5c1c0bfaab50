import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { keep, recall } from '../kept/kept.ts';
import type { StudyFault } from './fault.ts';
import { pathSteps } from './path.ts';
import { parseYaml } from './yaml.ts';

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

/** Parses one file; syntax errors and number-like codes without quotes are faults. What had none is not parsed again. */
export function parseSource(file: string, text: string): { file: SourceFile; faults: StudyFault[] } {
  const known = recall('sources', text) as { value: unknown } | undefined;
  if (known) {
    let parsed: SourceFile | null = null;
    const lineOf: SourceFile['lineOf'] = (path) => {
      parsed ??= parseYaml(file, text).file;
      return parsed.lineOf(path);
    };
    return { file: { file, value: known.value, lineOf }, faults: [] };
  }
  const parsed = parseYaml(file, text);
  if (parsed.faults.length === 0) keep('sources', text, { value: parsed.file.value });
  return parsed;
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
