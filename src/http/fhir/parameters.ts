import { isObject } from '../../intake/json.ts';
import type { HttpRefusal } from '../respond.ts';

/**
 * The parameters of an operation, as a query would say them: name and value of each entry of an R4 Parameters. A
 * Reference counts by its text. Null when the body is none, or an entry has another kind of value.
 */
export function parametersOf(body: unknown): URLSearchParams | null {
  if (!isObject(body) || body.resourceType !== 'Parameters') return null;
  const { parameter = [] } = body;
  if (!Array.isArray(parameter)) return null;
  const query = new URLSearchParams();
  for (const one of parameter as unknown[]) {
    if (!isObject(one) || typeof one.name !== 'string') return null;
    const [, value] = Object.entries(one).find(([key]) => key.startsWith('value')) ?? [];
    const text = isObject(value) ? value.reference : value;
    if (!['string', 'number', 'boolean'].includes(typeof text)) return null;
    query.append(one.name, String(text));
  }
  return query;
}

export const NO_PARAMETERS: HttpRefusal = {
  status: 400,
  code: 'not-parameters',
  issue: 'structure',
  message: 'The body is no Parameters resource whose entries have a name and a simple value or a reference.',
};
