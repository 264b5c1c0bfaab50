import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { StudyFault } from './fault.ts';
import { pathText } from './path.ts';
import type { SourceFile } from './source.ts';

let library: typeof Yaml | null = null;

/** The parser, loaded when a text is parsed: most runs parse none (`kept/`). */
function yaml(): typeof Yaml {
  library ??= createRequire(import.meta.url)('yaml') as typeof Yaml;
  return library;
}

/** Parses one file; syntax errors and number-like codes without quotes are faults. */
export function parseYaml(file: string, text: string): { file: SourceFile; faults: StudyFault[] } {
  const { isNode, isScalar, LineCounter, parseDocument, visit } = yaml();
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

function pathOf(ancestors: readonly unknown[], key: string): string {
  const { isPair, isScalar } = yaml();
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
