import { evalSqlOnFhir } from '@medplum/core';
import { model } from '../../fhir/fhirpath/paths.ts';
import type { FhirResource } from '../../fhir/resource.ts';
import type { View } from './view.ts';

export type ViewValue = string | number | boolean | null | (string | number | boolean)[];
export type ViewRow = Record<string, ViewValue>;

/** A view met data that it has no cell for. The message names the view and the resource by its pseudonym. */
export class ViewRefused extends Error {
  readonly code = 'view-cell';
}

/** The rows of a view, with every column in each, in the order of the resources given. */
export function runView(view: View, resources: readonly FhirResource[]): ViewRow[] {
  const rows: ViewRow[] = [];
  for (const resource of resources) {
    if (resource.resourceType !== view.resource) continue;
    for (const found of evaluated(view, resource)) {
      const row: ViewRow = {};
      for (const { name } of view.columns) row[name] = cell(found[name], view, name, resource);
      rows.push(row);
    }
  }
  return rows;
}

function evaluated(view: View, resource: FhirResource): Record<string, unknown>[] {
  try {
    return evalSqlOnFhir(view.parsed as never, [{ ...absentOf(view.resource), ...resource } as never]);
  } catch {
    throw refused(view, resource, 'a column has several values');
  }
}

/**
 * Every plain element of a type, as an empty list: means the same as absent. The evaluator tries the names of all choice
 * types for an element that is not there at all, which took most of its time. Choice elements are left to it.
 */
function absentOf(type: string): Record<string, never[]> {
  const known = ABSENT.get(type);
  if (known) return known;
  const names = Object.keys(model.path2Type).flatMap((path) => {
    const [owner, name, deeper] = path.split('.');
    return owner === type && name && deeper === undefined ? [name] : [];
  });
  const choices = Object.keys(model.choiceTypePaths).flatMap((path) => {
    const [owner, name, deeper] = path.split('.');
    return owner === type && name && deeper === undefined ? [name] : [];
  });
  const plain = names.filter((name) => !choices.some((choice) => name.startsWith(choice)));
  const absent = Object.fromEntries(plain.map((name) => [name, []]));
  ABSENT.set(type, absent);
  return absent;
}

const ABSENT = new Map<string, Record<string, never[]>>();

function cell(value: unknown, view: View, column: string, resource: FhirResource): ViewValue {
  if (value === undefined || value === null) return null;
  const values = Array.isArray(value) ? value : [value];
  if (values.some((one) => typeof one === 'object')) {
    throw refused(view, resource, `the column "${column}" is no plain value`);
  }
  return value as ViewValue;
}

function refused({ name }: View, { resourceType, id }: FhirResource, what: string): ViewRefused {
  const where = `View "${name}" on ${resourceType}/${id}: ${what}.`;
  return new ViewRefused(`${where} Write collection: true, or choose one with where(…) or first().`);
}
