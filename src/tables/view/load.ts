import { parseFhirPath } from '@medplum/core';
import type { StudyFault } from '../../study/fault.ts';
import { pathText } from '../../study/path.ts';
import type { SourceFile } from '../../study/source.ts';
import { checkView } from './check.ts';
import { columnsOf, type View, type ViewDefinition, type ViewSelect } from './view.ts';

/**
 * Compiles ViewDefinitions (SQL on FHIR v2). Of two with one name the later counts, so that a study changes a table.
 * Everything that `evalSqlOnFhir` would ignore, or find nothing for in silence, is a fault with its file and line.
 */
export function compileViews(sources: readonly SourceFile[], faults: StudyFault[]): View[] {
  const views = new Map<string, View>();
  for (const source of sources) {
    const definition = source.value as ViewDefinition | null;
    const before = faults.length;
    const report = (path: readonly (string | number)[], message: string) =>
      faults.push({ file: source.file, line: source.lineOf(path), path: pathText(path), message });
    if (definition?.resourceType !== 'ViewDefinition') report([], 'This must be a ViewDefinition.');
    else checkView(definition, report);
    if (faults.length > before || !definition) continue;
    const { name, resource } = definition;
    const columns = definition.select.flatMap(columnsOf);
    views.set(name, { name, resource, columns, parsed: parsedView(definition) });
  }
  return [...views.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The evaluator takes a parsed expression wherever it takes a text, and would parse the text again for every row. */
function parsedView(view: ViewDefinition): ViewDefinition {
  const where = view.where?.map((one) => ({ ...one, path: parsed(one.path) }));
  return { ...view, ...(where ? { where } : {}), select: view.select.map(parsedSelect) };
}

function parsedSelect(select: ViewSelect): ViewSelect {
  return {
    ...select,
    ...(select.column ? { column: select.column.map((one) => ({ ...one, path: parsed(one.path) })) } : {}),
    ...(select.select ? { select: select.select.map(parsedSelect) } : {}),
    ...(select.unionAll ? { unionAll: select.unionAll.map(parsedSelect) } : {}),
    ...(select.forEach === undefined ? {} : { forEach: parsed(select.forEach) }),
    ...(select.forEachOrNull === undefined ? {} : { forEachOrNull: parsed(select.forEachOrNull) }),
  };
}

function parsed(text: string): string {
  return parseFhirPath(text) as unknown as string;
}
